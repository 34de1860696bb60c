/** Refusals that name amounts, times or counts: said from the values, in the reader's way to write them. */
import { formatCents } from '@/shared/format/amount'
import { formatDuration, formatTime, shortHex } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { limitSentences } from './limit'
import { moneyOf } from './money'
import { tierSentences } from './tier'

type Said = Readonly<Record<string, unknown>>

const count = (value: unknown): string | null =>
  (typeof value === 'number' && Number.isInteger(value)) ||
  (typeof value === 'string' && /^-?\d+$/.test(value))
    ? formatInteger(value)
    : null
const time = (value: unknown): string | null =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? formatTime(value) : null
const seconds = (value: unknown): string | null => (typeof value === 'number' ? formatDuration(value) : null)
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

type Filled<Names extends string> = Record<Names, string>

/** All the values, or null when the answer lacks one: then the API's own sentence stays. */
function all<Names extends string>(found: Record<Names, string | null>): Filled<Names> | null {
  return Object.values(found).includes(null) ? null : (found as Filled<Names>)
}

function filled<Names extends string>(
  found: Record<Names, string | null>,
  say: (values: Filled<Names>) => string,
): string | null {
  const values = all(found)
  return values && say(values)
}

const tooMany = ({ most }: Said) =>
  typeof most === 'number'
    ? tn(
        most,
        'You have {count}, the most there may be. Remove one first.',
        'You have {count}, the most there may be. Remove one first.',
      )
    : null

/** Said in every language, English too. */
export const VALUED: Record<string, (said: Said) => string | null> = {
  limit_exceeded: (said) => limitSentences(said)?.join(' ') ?? null,
  tier_exceeded: ({ exceeded }) => tierSentences(exceeded),
  balance_too_low: (said) =>
    filled({ needed: moneyOf(said.needed, said), available: moneyOf(said.available, said) }, (values) =>
      t(
        'This needs {needed}, and the wallet has {available} available. Fund it, or wait for transactions that are under way.',
        values,
      ),
    ),
  funds_too_low: (said) =>
    filled({ needed: count(said.needed), available: count(said.available) }, (values) =>
      t('This takes {needed}, and the account has {available} available.', values),
    ),
  credits_too_low: (said) =>
    filled(
      { needed: count(said.needed), available: count(said.available), missing: count(said.missing) },
      (values) =>
        t(
          'This contest costs {needed} credits and you have {available}: buy {missing} more, or take filters away.',
          values,
        ),
    ),
  refund_too_large: ({ asked, left, currency }) =>
    typeof currency === 'string' && typeof left === 'string' && typeof asked === 'string'
      ? t('{asked} cannot be given back: {left} of the payment is left.', {
          asked: formatCents(asked, currency),
          left: formatCents(left, currency),
        })
      : null,
  recipient_is_new: (said) =>
    filled({ address: text(said.address), time: time(said.available_at) }, ({ address, time }) =>
      t(
        '{address} is new to your account: it may receive from {time} on. If you did not name it, change your password and remove it.',
        { address: shortHex(address), time },
      ),
    ),
  erasure_pending: (said) =>
    filled({ time: time(said.requested_at) }, (values) =>
      t('The erasure of your account was asked for on {time}: wait for it or withdraw it.', values),
    ),
  export_pending: (said) =>
    filled({ time: time(said.requested_at) }, (values) =>
      t('An export was asked for on {time}: wait for it or cancel it.', values),
    ),
  export_not_ready: (said) =>
    filled({ time: time(said.ready_at) }, (values) => t('The key can be had from {time} on.', values)),
  codes_throttled: (said) =>
    filled({ time: seconds(said.seconds) }, (values) =>
      t('Too many wrong codes for this account. Use another way, or wait {time} for the next code.', values),
    ),
}

/** The API's English says the same. */
export const COUNTED: Record<string, (said: Said) => string | null> = {
  too_many_addresses: tooMany,
  too_many_api_keys: tooMany,
  too_many_connections: tooMany,
  too_many_drafts: tooMany,
  too_many_imports: tooMany,
  too_many_links: tooMany,
  too_many_passkeys: tooMany,
  too_many_webhooks: tooMany,
  too_many_attempts: ({ retry_after }) =>
    filled({ time: seconds(retry_after) }, (values) => t('Too many attempts. Try again in {time}.', values)),
  recipient_not_listed: (said) =>
    filled({ address: text(said.address) }, ({ address }) =>
      t('Your wallet pays listed addresses only, and {address} is not listed. Add it first.', {
        address: shortHex(address),
      }),
    ),
  file_too_large: (said) =>
    filled({ size: count(said.mebibytes) }, (values) =>
      t('The file is larger than {size} MiB. Leave out columns nobody needs, or split it.', values),
    ),
  too_few_entries: (said) =>
    filled(
      { needed: count(said.needed), found: count(said.unique), excluded: count(said.excluded) },
      (values) =>
        t(
          'Winners and alternates need {needed} people who count, and there are {found}; the filters exclude {excluded}. Ask for fewer, change the filters, or add participants.',
          values,
        ),
    ),
  too_many_entries: (said) =>
    filled({ entries: count(said.entries), most: count(said.most) }, (values) =>
      t('{entries} people count; a contest takes at most {most}.', values),
    ),
  weights_too_large: (said) =>
    filled({ weight: count(said.weight), most: count(said.most) }, (values) =>
      t('The weights add up to {weight}; at most {most} can be drawn from. Scale them down.', values),
    ),
  too_many_prizes: (said) =>
    filled({ prizes: count(said.prizes), winners: count(said.winners) }, (values) =>
      t('Prizes: {prizes}. Winners: {winners}. Each winner gets one at most.', values),
    ),
  rank_unknown: (said) =>
    filled({ ranks: count(said.ranks) }, (values) => t('The contest has {ranks} ranks only.', values)),
}
