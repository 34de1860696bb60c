import type { Config, Contest, ContestWinner } from '@/api/types'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Action } from '@/shared/tx/action'

export const contestSubject = (id: string): string => `contest:${id}`

/** Commits the list on chain and asks for the draw; only the organiser's Tombola wallet holds the list. */
export function commit(contest: Contest): Action {
  return {
    subject: contestSubject(contest.id),
    title: t('Commit “{title}” and draw', { title: contest.title }),
    lines: [
      {
        label: contest.filters.length > 0 ? t('People, before filters') : t('Entries'),
        value: formatInteger(contest.counts.unique),
      },
      ...(contest.total_weight === null
        ? []
        : [{ label: t('Weight of all entries'), value: formatInteger(contest.total_weight) }]),
      { label: t('Winners'), value: tn(contest.winners, '{count} winner', '{count} winners') },
      { label: t('Alternates'), value: formatInteger(contest.alternates) },
    ],
    calls: [],
    intent: { kind: 'commit', contestId: contest.id },
  }
}

/** Proves on chain which places repeat an account of a weighted list; the next alternates move up. */
export function takeOutRepeats(contest: Contest): Action {
  return {
    subject: contestSubject(contest.id),
    title: t('Take out places that repeat an account'),
    lines: [],
    calls: [],
    intent: { kind: 'repeats', contestId: contest.id },
  }
}

export function disqualify(contest: Contest, winner: ContestWinner, reason: string): Action {
  return {
    subject: contestSubject(contest.id),
    title: t('Disqualify place {rank}: {account}', { rank: winner.rank + 1, account: winner.account }),
    lines: [],
    calls: [],
    intent: { kind: 'disqualify', contestId: contest.id, rank: winner.rank, reason },
  }
}

/** Hands the deciding round's signature to the contract, which checks it and draws. Anyone may. */
export function finalise(config: Config, contest: Contest, signature: `0x${string}`): Action | null {
  const to = config.contracts.Contest?.address
  if (!to || contest.contest_number === null) return null
  const label = t('Finish the draw')
  return {
    subject: contestSubject(contest.id),
    title: `${label} · ${contest.title}`,
    lines: [],
    calls: [
      {
        contract: 'contest',
        to,
        label,
        functionName: 'finalise',
        args: [BigInt(contest.contest_number), signature],
      },
    ],
    intent: {
      kind: 'intent',
      body: { kind: 'finish_draw', of: 'contest', id: contest.contest_number, signature },
    },
  }
}
