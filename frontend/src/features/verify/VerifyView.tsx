/** The list of checks, live while the worker computes, and the switch that tries to cheat. */
import { Check as Tick, CircleCheckBig, Clock, LoaderCircle, Minus, OctagonX, X } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Progress } from '@/shared/ui/Progress'
import { NoRosette, Rosette } from '@/shared/ui/Rosette'
import { Notice } from '@/shared/ui/states'
import type { Check, Cheat, Report } from './check'
import { checkDetail, checkTitle, SHOWS_VALUE } from './sentences'
import { useVerification, type Verification } from './useVerification'
import { WasIInIt } from './WasIInIt'
import type { Question } from './worker'

function Mark({ outcome }: { outcome: Check['outcome'] }) {
  const common = { size: 20, className: 'mt-0.5 shrink-0' }
  switch (outcome) {
    case 'ok':
      return <Tick {...common} className="text-ok mt-0.5 shrink-0" role="img" aria-label={t('Right')} />
    case 'bad':
      return <X {...common} className="text-bad mt-0.5 shrink-0" role="img" aria-label={t('Wrong')} />
    case 'later':
      return <Clock {...common} role="img" aria-label={t('Not yet')} />
    case 'skipped':
      return <Minus {...common} role="img" aria-label={t('Not compared')} />
  }
}

function Row({ check }: { check: Check }) {
  const detail = checkDetail(check)
  const bad = check.outcome === 'bad'
  return (
    <li className="flex gap-3" data-check={check.id} data-outcome={check.outcome}>
      <Mark outcome={check.outcome} />
      <div className="min-w-0">
        <p className={bad ? 'text-bad font-semibold' : 'font-medium'}>{checkTitle(check)}</p>
        {detail && <p className="small muted">{detail}</p>}
        {(bad || SHOWS_VALUE.has(check.id)) && check.found && (
          <p className="mono hash muted">
            {bad && `${t('recomputed here')}: `}
            {check.found}
          </p>
        )}
        {bad && check.expected && (
          <p className="mono hash muted">
            {t('on the chain')}: {check.expected}
          </p>
        )}
      </div>
    </li>
  )
}

export interface Verdict {
  outcome: 'right' | 'wrong' | 'unfinished'
}

export function verdictOf(report: Report): Verdict['outcome'] {
  if (report.checks.some((check) => check.outcome === 'bad')) return 'wrong'
  return report.checks.some((check) => check.outcome === 'later') ? 'unfinished' : 'right'
}

function Conclusion({ report, cheat }: { report: Report; cheat: Cheat }) {
  const verdict = verdictOf(report)
  const count = (outcome: Check['outcome']) =>
    report.checks.filter((check) => check.outcome === outcome).length
  const wrong = count('bad')
  const skipped = count('skipped')
  const Seal = verdict === 'wrong' ? OctagonX : verdict === 'right' ? CircleCheckBig : Clock
  const words =
    cheat !== 'none' && verdict === 'wrong'
      ? t('The cheat was found out.')
      : verdict === 'wrong'
        ? t('This draw does not add up.')
        : verdict === 'unfinished'
          ? t('Everything so far is right.')
          : t('Everything is right.')
  return (
    <div className="verdict" data-outcome={verdict} role={verdict === 'wrong' ? 'alert' : undefined}>
      <Seal size={52} strokeWidth={1.75} aria-hidden className="row-span-2 max-sm:size-9" />
      <p className="words" data-testid="verdict" data-outcome={verdict}>
        {words}
      </p>
      <p className="text-ink">
        {verdict === 'wrong'
          ? tn(wrong, '{count} check failed.', '{count} checks failed.')
          : tn(report.checks.length - skipped, '{count} check.', '{count} checks.')}{' '}
        {skipped > 0 &&
          `${tn(skipped, '{count} could not be made here; it says why.', '{count} could not be made here; each says why.')} `}
        {t('Recomputed in your browser in {milliseconds} ms.', {
          milliseconds: formatInteger(Math.round(report.milliseconds)),
        })}
      </p>
    </div>
  )
}

const CHEATS: { cheat: Exclude<Cheat, 'none'>; name: () => string }[] = [
  { cheat: 'randomness', name: () => t('one bit of the random number') },
  { cheat: 'proof', name: () => t('one bit of Chainlink’s proof') },
  { cheat: 'entry', name: () => t('one entry') },
  { cheat: 'winner', name: () => t('one published winner') },
]

/** Nobody can change a proof that is not there. */
function cheatsFor(report: Report): typeof CHEATS {
  const proven = report.checks.some(
    ({ id, outcome }) => id === 'vrf-proof' && (outcome === 'ok' || outcome === 'bad'),
  )
  return CHEATS.filter(({ cheat }) => cheat !== 'proof' || proven)
}

function CheatSwitch({
  report,
  cheat,
  onChange,
}: {
  report: Report
  cheat: Cheat
  onChange: (cheat: Cheat) => void
}) {
  const on = cheat !== 'none'
  return (
    <section aria-label={t('Try to cheat')} className="sheet">
      <label className="check">
        <input
          type="checkbox"
          role="switch"
          checked={on}
          onChange={(event) => {
            onChange(event.target.checked ? 'randomness' : 'none')
          }}
        />
        <b>{t('Try to cheat')}</b>
      </label>
      <p className="muted small">
        {t('Change something by the smallest amount, and see whether it passes.')}
      </p>
      {on && (
        <fieldset className="seg mt-1">
          <legend className="sr-only">{t('What to change')}</legend>
          {cheatsFor(report).map(({ cheat: each, name }) => (
            <label key={each}>
              <input
                type="radio"
                name="cheat"
                checked={cheat === each}
                onChange={() => {
                  onChange(each)
                }}
              />
              {name()}
            </label>
          ))}
        </fieldset>
      )}
    </section>
  )
}

function Places({ report }: { report: Report }) {
  const [most, setMost] = useState(24)
  if (report.places.length === 0) return null
  return (
    <section aria-labelledby="places">
      <h2 id="places" className="h2">
        {t('Winners, as recomputed here')}
      </h2>
      <ul className="mt-4 tickets">
        {report.places.slice(0, most).map((place) => (
          <li key={place.rank} className="ticket">
            <span className="stub" aria-label={t('Place {rank}', { rank: place.rank + 1 })}>
              {place.rank + 1}
            </span>
            <span className="body">
              <b className="serial block">{serial(place.number)}</b>
              <span className={place.who?.startsWith('0x') ? 'mono hash' : 'wrap-anywhere'} dir="auto">
                {place.who ?? t('nobody')}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {report.places.length > most && (
        <button
          type="button"
          className="btn btn-quiet mt-4"
          onClick={() => {
            setMost(most + 200)
          }}
        >
          {t('Show more places')}
        </button>
      )}
    </section>
  )
}

function phaseText({ phase }: Verification): string {
  return phase === 'chain' ? t('Reading the chain') : t('Recomputing')
}

export function VerifyView({
  question,
  header,
  extra,
  file,
}: {
  question: Question | null
  header: ReactNode
  extra?: ReactNode
  /** A contest's bundle, where it is not the site's. */
  file?: File
}) {
  const [cheat, setCheat] = useState<Cheat>('none')
  const run = useVerification(question, cheat, file)
  const { report } = run
  const busy = run.phase === 'chain' || run.phase === 'recompute'
  return (
    <div className="grid gap-10 lg:grid-cols-[20rem_minmax(0,1fr)]">
      {/* On phones the answer comes first, and the figure moves nothing when it appears. */}
      <aside
        className={`top-8 order-last self-start text-center lg:sticky lg:order-none lg:text-start ${report?.seed ? '' : 'hidden lg:block'}`}
      >
        {report?.seed ? (
          <Rosette
            seed={report.seed}
            size={300}
            className="mx-auto h-auto w-full max-w-75 lg:max-w-none"
            label={t('Figure of the seed recomputed here')}
          />
        ) : (
          <NoRosette size={300} className="h-auto w-full" />
        )}
        <p className="small muted mt-2">
          {t('Drawn from the seed your browser computed. Another number gives another figure.')}
        </p>
      </aside>
      <div className="grid min-w-0 content-start gap-8">
        <header>{header}</header>
        <div aria-live="polite" className="grid gap-2">
          {busy && (
            <>
              <p className="muted flex items-center gap-2">
                <LoaderCircle size={18} className="motion-safe:animate-spin" aria-hidden />
                {phaseText(run)}
              </p>
              <Progress fraction={run.fraction} label={phaseText(run)} />
            </>
          )}
          {run.phase === 'failed' && (
            <Notice tone="bad">
              <p className="font-semibold">{t('The draw could not be checked.')}</p>
              <p className="muted">{run.failure}</p>
              <button type="button" className="btn btn-quiet mt-3" onClick={run.again}>
                {t('Try again')}
              </button>
            </Notice>
          )}
          {report && !busy && run.phase !== 'failed' && <Conclusion report={report} cheat={run.cheat} />}
        </div>
        {report && (
          <ol className="ruled" aria-label={t('Checks')} aria-busy={busy}>
            {report.checks.map((check) => (
              <Row key={check.id} check={check} />
            ))}
          </ol>
        )}
        {report?.seed && <CheatSwitch report={report} cheat={cheat} onChange={setCheat} />}
        {question?.kind === 'raffle' && report && (
          <WasIInIt find={run.find} found={run.found} places={report.places} />
        )}
        {extra}
        {report && <Places report={report} />}
      </div>
    </div>
  )
}
