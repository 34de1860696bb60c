import { useQueries, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import type { Config } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { assetQuery } from '@/shared/chain/assets'
import { newSalt } from '@/shared/chain/salt'
import type { Lines } from '@/shared/format/address-lines'
import { serial } from '@/shared/format/text'
import { t, tn } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { useDraft } from '@/shared/store/draft'
import { useNow } from '@/shared/store/now'
import { ActionButton } from '@/shared/tx/ActionButton'
import { useLastDone } from '@/shared/tx/finished'
import { ReviewForm, Summary, useReview } from '@/shared/tx/Review'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { parseAddress } from '@/shared/format/address'
import { LineProblems } from '@/shared/ui/LineProblems'
import { ListInput } from '@/shared/ui/ListInput'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { usePageTitle } from '@/shared/ui/text'
import { createRaffle, needsOf, NEW_RAFFLE_SUBJECT, type GuestList } from './actions'
import { readGuests } from './guest-list'
import { Missing, useMissing } from './Means'
import { PrizesField } from './PrizesField'
import { madeRaffleQuery, raffleSettingsQuery, rootQuery } from './queries'
import { isComplete, NEW_RAFFLE, problemsOf, tokensOf, type Assets, type RaffleForm } from './terms'
import { PriceFields, SaleFields } from './TermsFields'

/** What stands at the addresses that the form names. */
function useAssets(config: Config, form: RaffleForm): Assets {
  const addresses = tokensOf(form)
  const found = useQueries({ queries: addresses.map((address) => assetQuery(config, address)) })
  const assets = new Map<string, NonNullable<(typeof found)[number]['data']>>()
  addresses.forEach((address, at) => {
    const asset = found[at]?.data
    if (asset) assets.set(address, asset)
  })
  return assets
}

interface Guests {
  lines: Lines<bigint> | null
  turn: number
  salt: `0x${string}`
}

/** The root of the list for whoever signs; the key of a list is bound to its organiser. */
function useGuestList(config: Config, guests: Guests, organiser: string | undefined) {
  const contract = config.contracts.Raffle?.address
  const place =
    contract && organiser ? { chainId: config.chain_id, contract, organiser, salt: guests.salt } : null
  const root = useQuery(rootQuery(guests.lines, guests.turn, place))
  const list: GuestList | null =
    root.data && guests.lines
      ? { root: root.data, salt: guests.salt, guests: guests.lines.rows.length }
      : null
  return { list, error: root.error }
}

function guestProblem(form: RaffleForm, { lines }: Guests): string | undefined {
  if (!form.listed) return undefined
  if (lines === null) return t('Bring the list of who may buy.')
  if (lines.problems.length > 0) return t('Correct the list, then read it again.')
  return lines.rows.length === 0 ? t('There is no address on this list.') : undefined
}

/** The raffle that was created last, once it is to be seen; opened by itself when it was created just now. */
function Created() {
  const navigate = useNavigate()
  const { account, hash, justNow } = useLastDone(NEW_RAFFLE_SUBJECT)
  const made = useQuery(madeRaffleQuery(account, hash)).data
  useEffect(() => {
    if (made && justNow) void navigate({ to: '/raffles/$id', params: { id: made.id } })
  }, [made, justNow, navigate])
  if (!made) return null
  return (
    <Notice tone="ok">
      <p>
        {t('Created:')}{' '}
        <Link to="/raffles/$id" params={{ id: made.id }} className="link">
          {t('Raffle {serial}', { serial: serial(made.id) })}
        </Link>
      </p>
    </Notice>
  )
}

function Form({ config }: { config: Config }) {
  const { draft: form, change, clear } = useDraft('raffle', NEW_RAFFLE)
  const [guests, setGuests] = useState<Guests>(() => ({ lines: null, turn: 0, salt: newSalt() }))
  const review = useReview(NEW_RAFFLE_SUBJECT, clear)
  const { current } = useSigners()
  const assets = useAssets(config, form)
  const token = form.payment === 'native' ? null : (parseAddress(form.paymentToken) ?? undefined)
  const settings = useQuery(raffleSettingsQuery(config, token))
  const { list, error: listError } = useGuestList(config, guests, form.listed ? current?.address : undefined)
  const problems = problemsOf(form, assets, useNow())
  const noList = guestProblem(form, guests)
  const complete = isComplete(problems) && noList === undefined
  const shown = review.tried ? problems : { each: [] }
  const needs = useMemo(() => needsOf(form, assets), [form, assets])
  const missing = useMissing(config, needs, review.reviewing ? current?.address : undefined)
  const feed = settings.data?.feed ?? null
  if (review.reviewing && complete) {
    const ready = (!form.listed || list !== null) && (!form.inDollars || feed !== null)
    return (
      <Summary
        review={review}
        about={t(
          'Nothing of this can be changed afterwards, by anybody. The prizes lie in the contract from then on.',
        )}
      >
        <Missing missing={missing} />
        <Refusal error={listError ?? settings.error} />
        <ActionButton
          subject={NEW_RAFFLE_SUBJECT}
          disabled={missing.length > 0 || !ready}
          action={() =>
            ready
              ? createRaffle(config, form, assets, {
                  feed,
                  list: form.listed ? list : null,
                  feeBps: settings.data?.feeBps ?? null,
                })
              : null
          }
        >
          {t('Create the raffle')}
        </ActionButton>
      </Summary>
    )
  }
  return (
    <ReviewForm review={review} complete={complete}>
      <Section id="sale" title={t('Sale')}>
        <div className="grid gap-5">
          <TextField
            label={t('Name')}
            value={form.title}
            error={shown.title}
            onChange={(title) => {
              change({ title })
            }}
          />
          <PriceFields {...{ form, config, change, feed }} problems={shown} />
          <Refusal error={settings.error} />
          <SaleFields {...{ form, config, change }} problems={shown} />
        </div>
      </Section>
      <Section
        id="prizes"
        title={t('Prizes')}
        about={t('The first prize goes to the first rank. You bring them now; whoever wins takes them.')}
      >
        <PrizesField
          prizes={form.prizes}
          problems={shown.each}
          error={shown.prizes}
          config={config}
          onChange={(prizes) => {
            change({ prizes })
          }}
        />
      </Section>
      <Section id="guests" title={t('Who may buy')}>
        <div className="grid gap-4">
          <label className="check">
            <input
              type="checkbox"
              checked={form.listed}
              onChange={(event) => {
                change({ listed: event.target.checked })
              }}
            />
            {t('Only people on my list')}
          </label>
          {form.listed && (
            <>
              <ListInput
                label={t('List of addresses')}
                hint={t(
                  'One line for each: address, most tickets (0 for any number). The chain keeps only its root; hand the same list to your guests, whose page finds their place in it.',
                )}
                placeholder="0x…,3"
                read={async (text, onProgress) => {
                  const lines = await readGuests(text, onProgress)
                  setGuests((before) => ({ lines, turn: before.turn + 1, salt: newSalt() }))
                }}
              />
              {guests.lines && (
                <>
                  <p role="status">
                    {tn(
                      guests.lines.rows.length,
                      '{count} address was read.',
                      '{count} addresses were read.',
                    )}
                  </p>
                  <LineProblems problems={guests.lines.problems} />
                </>
              )}
              <Refusal error={review.tried && noList ? new Error(noList) : null} />
            </>
          )}
        </div>
      </Section>
    </ReviewForm>
  )
}

export default function NewRafflePage() {
  usePageTitle(t('New raffle'))
  const config = useConfig()
  return (
    <div className="grid gap-8">
      <header>
        <h1 className="h1">{t('Create a raffle')}</h1>
        <p className="lede mt-2">
          {t(
            'Tickets are sold and prizes are held by a contract that nobody can stop or change. Winners are drawn from a number that nobody can know before.',
          )}
        </p>
      </header>
      <Created />
      <Loaded query={config}>{(data) => <Form config={data} />}</Loaded>
      <TransactionStages subject={NEW_RAFFLE_SUBJECT} limit={1} />
    </div>
  )
}
