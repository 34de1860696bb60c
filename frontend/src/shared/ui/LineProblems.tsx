import type { LineProblem } from '@/shared/format/address-lines'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Notice } from './states'

/** So many wrong lines are spelled out; the rest is counted. */
const SHOWN = 50

/** Every wrong line of a list that somebody brought, with its number and why. */
export function LineProblems({ problems }: { problems: readonly LineProblem[] }) {
  if (problems.length === 0) return null
  return (
    <Notice tone="bad">
      <p className="font-semibold">
        {tn(problems.length, '{count} line cannot be used:', '{count} lines cannot be used:')}
      </p>
      <ul
        className="mt-1 grid max-h-80 gap-1 overflow-auto"
        tabIndex={0}
        aria-label={t('Lines that cannot be used')}
      >
        {problems.slice(0, SHOWN).map(({ line, text }) => (
          <li key={`${line} ${text}`} className="small wrap-anywhere">
            {t('Line {line}: {what}', { line: formatInteger(line), what: text })}
          </li>
        ))}
      </ul>
      {problems.length > SHOWN && (
        <p className="small muted mt-1">
          {tn(problems.length - SHOWN, 'and {count} more line', 'and {count} more lines')}
        </p>
      )}
    </Notice>
  )
}
