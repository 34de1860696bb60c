import { t } from '@/shared/i18n'
import { aboutEvent, EVENTS } from './events'
import type { EventName } from './queries'

/** Which events a webhook gets. */
export function EventChoice({
  chosen,
  onChange,
}: {
  chosen: readonly EventName[]
  onChange: (events: EventName[]) => void
}) {
  return (
    <fieldset>
      <legend className="font-semibold">{t('Events')}</legend>
      <div className="grid gap-x-6 sm:grid-cols-2">
        {EVENTS.map((event) => (
          <label key={event} className="check items-start py-2">
            <input
              type="checkbox"
              checked={chosen.includes(event)}
              onChange={(change) => {
                onChange(change.target.checked ? [...chosen, event] : chosen.filter((one) => one !== event))
              }}
            />
            <span className="min-w-0">
              <span className="mono">{event}</span>
              <span className="small muted block">{aboutEvent(event)}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
