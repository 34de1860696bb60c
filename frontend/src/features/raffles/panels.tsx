/** The middle of a raffle's page until it is drawn: one panel per state. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Draw, RaffleDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { parseCount } from '@/shared/format/amount'
import { formatInteger, t, tn } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { useNow } from '@/shared/store/now'
import { ActionButton } from '@/shared/tx/ActionButton'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Field } from '@/shared/ui/Field'
import { Notice } from '@/shared/ui/states'
import { Steps, type Step } from '@/shared/ui/Steps'
import { When } from '@/shared/ui/text'
import { messageOf } from '@/shared/api/problem'
import { buyTickets, priceText, pushOn, raffleSubject, withSlack } from './actions'
import { FinishPanel } from './FinishPanel'
import { PassField, usePass } from './PassField'
import { quoteQuery } from './queries'
import { OpenRefunds, RefundsFrom, useRefundsFrom } from './RefundsFrom'
import { mayBuy, type DrawStep } from './view'

export interface PanelProps {
  raffle: RaffleDetail
}

export function BuyPanel({
  raffle,
  missing,
  held,
}: PanelProps & { missing: bigint; held: (address: string) => bigint }) {
  const config = useConfig().data
  const { current } = useSigners()
  const [text, setText] = useState('1')
  const [passText, setPassText] = useState('')
  const [receiverText, setReceiverText] = useState('')
  const receiver = parseAddress(receiverText)
  const isGift = receiver !== null
  const count = parseCount(text)
  const holder = receiver ?? current?.address
  const left = mayBuy(raffle, holder ? held(holder) : 0n)
  const problem =
    count === null || count === 0n
      ? t('Enter a whole number of tickets.')
      : count > left
        ? left === 0n
          ? isGift
            ? t('This address holds as many tickets as one buyer may.')
            : t('You hold as many tickets as one buyer may.')
          : tn(left, 'You can buy {count} more ticket.', 'You can buy {count} more tickets.')
        : null
  const inDollars = raffle.price_feed !== null
  const quote = useQuery(quoteQuery(raffle, problem === null ? String(count) : '0'))
  const place = usePass(raffle, holder, passText)
  const { pass } = place
  const most = inDollars
    ? quote.data && withSlack(BigInt(quote.data.payment))
    : (count ?? 0n) * BigInt(raffle.ticket_price)
  return (
    <section aria-labelledby="buy" className="sheet grid gap-4">
      <h2 id="buy" className="h2">
        {t('Buy tickets')}
      </h2>
      {missing > 0n && (
        <p className="muted">
          {tn(
            missing,
            '{count} more ticket must be sold, or everybody is refunded.',
            '{count} more tickets must be sold, or everybody is refunded.',
          )}
        </p>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-8 gap-y-3">
        <Field label={t('Number of tickets')} error={problem}>
          {(control) => (
            <input
              {...control}
              className="input num-in max-w-40"
              inputMode="numeric"
              autoComplete="off"
              value={text}
              onChange={(event) => {
                setText(event.target.value)
              }}
            />
          )}
        </Field>
        {/* Who can sign sees it with the fee, above the button. */}
        {!current && !inDollars && problem === null && most !== undefined && (
          <p className="grid gap-1 text-end">
            <span className="muted">{t('Total')}</span>
            <span className="num">{priceText(raffle, most)}</span>
          </p>
        )}
      </div>
      <details>
        <summary>{t('Buy as a gift')}</summary>
        <div className="pt-2">
          <AddressField
            label={t('Who gets the tickets')}
            hint={t('Prizes and refunds of these tickets are theirs. Leave it empty to buy for yourself.')}
            value={receiverText}
            onChange={setReceiverText}
          />
        </div>
      </details>
      {raffle.allow_list_root !== null && (
        <PassField
          label={isGift ? t('Their place on the list') : t('Your place on the list')}
          problem={place.problem}
          value={passText}
          onChange={setPassText}
        />
      )}
      {inDollars && (
        <p className="muted" aria-live="polite">
          {quote.data
            ? t('Now {price} by the price feed; at most {most} is taken, and what is left comes back.', {
                price: priceText(raffle, quote.data.payment),
                most: priceText(raffle, withSlack(BigInt(quote.data.payment))),
              })
            : quote.error
              ? t('The price cannot be told right now: {reason}', { reason: messageOf(quote.error) })
              : t('Asking the price feed…')}
        </p>
      )}
      <ActionButton
        subject={raffleSubject(raffle.id)}
        disabled={
          problem !== null ||
          most === undefined ||
          (receiverText.trim() !== '' && !isGift) ||
          (raffle.allow_list_root !== null && pass === null)
        }
        action={(signer) => {
          if (!config || count === null || problem || most === undefined) return null
          return buyTickets(config, raffle, signer, { count, most, pass, receiver })
        }}
      >
        {count !== null && count > 0n
          ? tn(count, 'Buy {count} ticket', 'Buy {count} tickets')
          : t('Buy tickets')}
      </ActionButton>
    </section>
  )
}

/** The keeper needs moments; after this something is wrong with it. */
const LATE = 2 * 60_000

export function ClosedPanel({ raffle, soldOut }: PanelProps & { soldOut: boolean }) {
  const config = useConfig().data
  const late = useNow() - Date.parse(raffle.closes_at) > LATE
  const { refundsFrom, due } = useRefundsFrom(raffle.id, late)
  return (
    <section aria-labelledby="closed" className="sheet grid gap-4">
      <h2 id="closed" className="h2">
        {soldOut ? t('Every ticket is sold') : t('The sale is over')}
      </h2>
      <p>
        {t(
          'Next, the draw is requested. A keeper does this by itself within moments; if it does not, anyone may.',
        )}
      </p>
      {late && (
        <Notice>
          <p className="font-semibold">{t('The draw is overdue: nobody has requested it yet.')}</p>
          <RefundsFrom time={refundsFrom} due={due} />
        </Notice>
      )}
      <ActionButton
        subject={raffleSubject(raffle.id)}
        quiet={!late}
        action={() => config && pushOn(config, raffle, 'requestDraw', t('Request the draw'))}
      >
        {t('Request the draw')}
      </ActionButton>
      {due && <OpenRefunds raffle={raffle} />}
    </section>
  )
}

export function drawLines(draw: Draw, step: DrawStep): Step[] {
  const at = ['vrf', 'reveal', 'finalise'].indexOf(step)
  const state = (index: number) => (index < at ? 'past' : index === at ? 'now' : 'ahead')
  return [
    {
      name: t('The draw was requested: tickets, prizes and the deciding round are fixed'),
      state: 'past',
      detail: t('block {block}', { block: formatInteger(draw.requested_block) }),
    },
    {
      name:
        draw.vrf_word !== null
          ? t('Chainlink’s random word arrived')
          : step === 'vrf'
            ? t('Chainlink’s random word may arrive')
            : t('No Chainlink word came in time: drand decides alone'),
      state: state(0),
      detail: (
        <>
          {t('accepted until')} <When time={draw.vrf_deadline} />
        </>
      ),
    },
    {
      name: t('drand publishes round {round}', { round: formatInteger(draw.round) }),
      state: state(1),
      detail: <When time={draw.reveal_at} />,
    },
    {
      name: t('The round is handed to the contract, which checks it and draws'),
      state: state(2),
      detail: t('the keeper does this; anyone may'),
    },
  ]
}

export function DrawingPanel({ raffle, draw, step }: PanelProps & { draw: Draw; step: DrawStep }) {
  return (
    <section aria-labelledby="waiting" className="sheet">
      <h2 id="waiting" className="h2">
        {t('Waiting for randomness')}
      </h2>
      <div className="mt-4">
        <Steps live label={t('Waiting for randomness')} steps={drawLines(draw, step)} />
      </div>
      {step === 'finalise' && <FinishPanel raffle={raffle} draw={draw} />}
      <p className="small muted mt-4">
        {t(
          'Nobody can draw again, choose the number, or hold it back: the second source is unknown until the first is cut off.',
        )}
      </p>
    </section>
  )
}
