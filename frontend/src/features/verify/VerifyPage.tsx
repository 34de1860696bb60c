import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { serial } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Rosette } from '@/shared/ui/Rosette'
import { Empty, Loaded } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import { BundleCheck, BundlePicker, type Chosen } from './BundleFile'
import { recentContestsQuery, recentRafflesQuery } from './queries'

function ByNumber() {
  const navigate = useNavigate()
  const [number, setNumber] = useState('')
  const valid = /^\d{1,20}$/.test(number.trim())
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (valid)
          void navigate({ to: '/verify/raffle/$id', params: { id: BigInt(number.trim()).toString() } })
      }}
    >
      <Field label={t('Number of the raffle')}>
        {(control) => (
          <input
            {...control}
            className="input num-in max-w-52"
            inputMode="numeric"
            value={number}
            onChange={(event) => {
              setNumber(event.target.value)
            }}
          />
        )}
      </Field>
      <button className="btn btn-main" disabled={!valid}>
        {t('Check it')}
      </button>
    </form>
  )
}

export default function VerifyPage() {
  usePageTitle(t('Check a draw'))
  const raffles = useQuery(recentRafflesQuery)
  const contests = useQuery(recentContestsQuery)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  if (chosen) {
    return (
      <BundleCheck
        chosen={chosen}
        onClose={() => {
          setChosen(null)
        }}
      />
    )
  }
  return (
    <div className="grid gap-10">
      <header>
        <h1 className="h1">{t('Check a draw yourself')}</h1>
        <p className="lede mt-2">
          {t(
            'Choose a draw. Your browser fetches the facts from the chain and repeats every step: entries, random numbers, seed, winners. If anybody changed anything, you see which step fails.',
          )}
        </p>
      </header>
      <ByNumber />
      <BundlePicker onChoose={setChosen} />
      <section aria-labelledby="drawn-raffles">
        <h2 id="drawn-raffles" className="h2">
          {t('Drawn raffles')}
        </h2>
        <div className="mt-3">
          <Loaded query={raffles}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty title={t('No raffle is drawn yet.')} />
              ) : (
                <ul className="ruled">
                  {items.map((raffle) => (
                    <li key={raffle.id} className="flex items-center gap-4">
                      {raffle.draw?.seed && <Rosette seed={raffle.draw.seed} size={40} />}
                      <Link
                        to="/verify/raffle/$id"
                        params={{ id: raffle.id }}
                        className="link min-w-0 font-semibold"
                      >
                        <span className="serial">{serial(raffle.id)}</span> {raffle.title}
                      </Link>
                    </li>
                  ))}
                </ul>
              )
            }
          </Loaded>
        </div>
      </section>
      <section aria-labelledby="drawn-contests">
        <h2 id="drawn-contests" className="h2">
          {t('Drawn contests')}
        </h2>
        <div className="mt-3">
          <Loaded query={contests}>
            {({ items }) => {
              const drawn = items.filter((contest) => contest.state === 'completed')
              return drawn.length === 0 ? (
                <Empty title={t('No contest is drawn yet.')} />
              ) : (
                <ul className="ruled">
                  {drawn.map((contest) => (
                    <li key={contest.id} className="flex flex-wrap items-baseline justify-between gap-x-4">
                      <Link
                        to="/verify/contest/$id"
                        params={{ id: contest.id }}
                        className="link font-semibold"
                      >
                        <span className="serial">{serial(contest.contest_number ?? '0')}</span>{' '}
                        {contest.title}
                      </Link>
                      <span className="muted small num-in">
                        {t('{entries} entries', { entries: formatInteger(contest.entries) })}
                      </span>
                    </li>
                  ))}
                </ul>
              )
            }}
          </Loaded>
        </div>
      </section>
    </div>
  )
}
