/** What a raffle pays: prizes after the draw, or every ticket back. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { RaffleEntry, RaffleWinner } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import type { Action } from '@/shared/tx/action'
import { ActionButton, GetSigner, SignerPicker } from '@/shared/tx/ActionButton'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Loaded, Notice } from '@/shared/ui/states'
import { Address } from '@/shared/ui/text'
import { claimPrize, claimPrizes, claimRefund, claimRefunds, MOST_AT_ONCE, raffleSubject } from './actions'
import type { PanelProps } from './panels'
import { winnersQuery } from './queries'
import { prizeText } from './words'

/** Only the owner of what is due may have it sent to another address. */
function Elsewhere({
  raffle,
  owner,
  what,
  action,
}: PanelProps & { owner: string; what: string; action: (to: string) => Action | null | undefined }) {
  const [text, setText] = useState('')
  const { current } = useSigners()
  const to = parseAddress(text)
  if (!sameAddress(current?.address, owner)) return null
  return (
    <details>
      <summary className="small">{t('Send it to another address')}</summary>
      <div className="grid gap-2 pt-2">
        <AddressField label={t('{what}: receiver', { what })} value={text} onChange={setText} />
        <ActionButton
          subject={raffleSubject(raffle.id)}
          picker={false}
          quiet
          label={t('{what}: send to this address', { what })}
          action={() => (to ? action(to) : null)}
        >
          {t('Send there')}
        </ActionButton>
      </div>
    </details>
  )
}

function WinnerTicket({ raffle, winner }: PanelProps & { winner: RaffleWinner }) {
  const config = useConfig().data
  const { available } = useSigners()
  const yours = available.some((signer) => sameAddress(signer.address, winner.buyer))
  return (
    <li className="ticket" data-off={winner.claimed}>
      <span className="stub" aria-label={t('Place {rank}', { rank: winner.rank + 1 })}>
        {winner.rank + 1}
      </span>
      <div className="body grid gap-1">
        <b className="serial">{serial(winner.ticket)}</b>
        <span>{prizeText(winner.prize)}</span>
        {winner.name && <b className="wrap-anywhere">{winner.name}</b>}
        <Address value={winner.buyer} you={yours} />
        {winner.claimed ? (
          <span className="small muted">{t('Claimed')}</span>
        ) : (
          <ActionButton
            subject={raffleSubject(raffle.id)}
            picker={false}
            quiet={!yours}
            action={() => config && claimPrize(config, raffle, winner)}
          >
            {yours
              ? t('Claim prize {rank}', { rank: winner.rank + 1 })
              : t('Send prize {rank} to its winner', { rank: winner.rank + 1 })}
          </ActionButton>
        )}
        {yours && !winner.claimed && (
          <Elsewhere
            raffle={raffle}
            owner={winner.buyer}
            what={t('Prize {rank}', { rank: winner.rank + 1 })}
            action={(to) => config && claimPrize(config, raffle, winner, to)}
          />
        )}
      </div>
    </li>
  )
}

export function WinnersPanel({ raffle }: PanelProps) {
  const winners = useQuery(winnersQuery(raffle.id))
  const { available } = useSigners()
  const config = useConfig().data
  const waiting = winners.data?.items.filter((winner) => !winner.claimed) ?? []
  return (
    <section aria-labelledby="winners">
      <div className="flex flex-wrap items-baseline justify-between gap-4">
        <h2 id="winners" className="h2">
          {t('Winners')}
        </h2>
        <Link to="/verify/raffle/$id" params={{ id: raffle.id }} className="btn btn-main">
          {t('Check this draw')}
        </Link>
      </div>
      <div className="mt-4 grid gap-4">
        {waiting.length > 0 && available.length === 0 && (
          <div className="grid gap-3">
            <p className="muted">{t('Won something? Connect your wallet or sign in to claim it.')}</p>
            <GetSigner />
          </div>
        )}
        <SignerPicker />
        {waiting.length > 1 && (
          <ActionButton
            subject={raffleSubject(raffle.id)}
            picker={false}
            quiet
            action={() => config && claimPrizes(config, raffle, waiting)}
          >
            {tn(
              BigInt(Math.min(waiting.length, MOST_AT_ONCE)),
              'Send {count} prize to its winner',
              'Send {count} prizes to their winners',
            )}
          </ActionButton>
        )}
        <Loaded query={winners}>
          {({ items }) => (
            <ul className="tickets" aria-label={t('Winning tickets')}>
              {items.map((winner) => (
                <WinnerTicket key={winner.rank} raffle={raffle} winner={winner} />
              ))}
            </ul>
          )}
        </Loaded>
      </div>
    </section>
  )
}

export function RefundPanel({
  raffle,
  because,
  entries,
}: PanelProps & { because: 'undersold' | 'no-seed'; entries: readonly RaffleEntry[] }) {
  const config = useConfig().data
  const { available } = useSigners()
  const waiting = entries.filter((entry) => !entry.refunded).map((entry) => entry.entry_index)
  const mine = entries.filter((entry) => available.some((signer) => sameAddress(signer.address, entry.buyer)))
  return (
    <section aria-labelledby="refunds" className="sheet grid gap-4">
      <h2 id="refunds" className="h2">
        {t('Every ticket is refunded')}
      </h2>
      <p>
        {because === 'undersold'
          ? t('Too few tickets were sold: {sold} of at least {least}.', {
              sold: formatInteger(raffle.tickets_sold),
              least: formatInteger(raffle.min_tickets),
            })
          : t('No random number came by the deadline.')}{' '}
        {t('Each buyer takes back exactly what was paid.')}
      </p>
      {available.length === 0 && entries.some((entry) => !entry.refunded) && <GetSigner />}
      <SignerPicker />
      {waiting.length > 1 && (
        <ActionButton
          subject={raffleSubject(raffle.id)}
          picker={false}
          quiet
          action={() => config && claimRefunds(config, raffle, waiting)}
        >
          {tn(
            BigInt(Math.min(waiting.length, MOST_AT_ONCE)),
            'Refund {count} entry',
            'Refund {count} entries, each to its buyer',
          )}
        </ActionButton>
      )}
      {mine.map((entry) => (
        <div key={entry.entry_index} className="flex flex-wrap items-center justify-between gap-3">
          <span>
            {t('Your entry {entry}', { entry: formatInteger(entry.entry_index + 1) })}:{' '}
            {tn(BigInt(entry.count), '{count} ticket', '{count} tickets')}
          </span>
          {entry.refunded ? (
            <span className="muted">{t('Refunded')}</span>
          ) : (
            <div className="grid gap-2">
              <ActionButton
                subject={raffleSubject(raffle.id)}
                picker={false}
                action={() => config && claimRefund(config, raffle, entry.entry_index)}
              >
                {t('Claim refund of entry {entry}', { entry: entry.entry_index + 1 })}
              </ActionButton>
              <Elsewhere
                raffle={raffle}
                owner={entry.buyer}
                what={t('Refund of entry {entry}', { entry: entry.entry_index + 1 })}
                action={(to) => config && claimRefund(config, raffle, entry.entry_index, to)}
              />
            </div>
          )}
        </div>
      ))}
      {available.length > 0 && mine.length === 0 && <Notice>{t('You have no entry in this raffle.')}</Notice>}
    </section>
  )
}
