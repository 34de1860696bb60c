import { useState } from 'react'
import { formatInteger, t, tn } from '@/shared/i18n'
import { sameAddress } from '@/shared/session/signer'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Notice } from '@/shared/ui/states'
import type { Place } from './check'
import type { Found } from './raffle'

const MOST_SHOWN = 20

function Answer({ found, places }: { found: Found; places: readonly Place[] }) {
  if (found.entries.length === 0)
    return <Notice tone="ok">{t('No: this address bought no ticket of this raffle.')}</Notice>
  const won = places.filter((place) => sameAddress(place.who, found.who))
  return (
    <Notice tone="ok">
      <p className="font-semibold">
        {tn(
          BigInt(found.tickets),
          'Yes: this address has {count} ticket.',
          'Yes: this address has {count} tickets.',
        )}
      </p>
      <ul>
        {found.entries.slice(0, MOST_SHOWN).map(({ entry, first, last }) => (
          <li key={entry} className="num-in">
            {first === last
              ? t('Entry {entry}: ticket {first}', {
                  entry: formatInteger(entry + 1),
                  first: formatInteger(first),
                })
              : t('Entry {entry}: tickets {first} to {last}', {
                  entry: formatInteger(entry + 1),
                  first: formatInteger(first),
                  last: formatInteger(last),
                })}
          </li>
        ))}
      </ul>
      {found.entries.length > MOST_SHOWN && (
        <p className="muted">
          {tn(found.entries.length - MOST_SHOWN, 'and {count} more entry', 'and {count} more entries')}
        </p>
      )}
      {places.length > 0 && (
        <p className="muted">
          {won.length === 0
            ? t('None of them won.')
            : t('It won: {places}', {
                places: won.map((place) => t('Place {rank}', { rank: place.rank + 1 })).join(', '),
              })}
        </p>
      )}
    </Notice>
  )
}

/** Whether an address took part, by the purchases that this browser read from the chain. */
export function WasIInIt({
  find,
  found,
  places,
}: {
  find: (who: string) => void
  found: Found | null
  places: readonly Place[]
}) {
  const [text, setText] = useState('')
  const who = parseAddress(text)
  return (
    <section aria-labelledby="in-it">
      <h2 id="in-it" className="h2">
        {t('Was I in it?')}
      </h2>
      <form
        className="mt-2 flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (who) find(who)
        }}
      >
        <div className="w-full max-w-lg">
          <AddressField label={t('Your address')} value={text} onChange={setText} />
        </div>
        <button className="btn btn-quiet" disabled={!who}>
          {t('Look up')}
        </button>
      </form>
      <div aria-live="polite" className="mt-3">
        {found && <Answer found={found} places={places} />}
      </div>
    </section>
  )
}
