import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Contest, ContestImport } from '@/api/types'
import { messageOf } from '@/shared/api/problem'
import { formatInteger, t } from '@/shared/i18n'
import { Progress } from '@/shared/ui/Progress'
import { Refusal } from '@/shared/ui/Refusal'
import { Loaded, Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { ListField, NO_LIST, problemOf } from './ListField'
import { contestQuery, importsQuery, isRunning, useBring, useTakeBack } from './queries'
import { importFault, waitReason } from './import-words'
import { importStateName, platformName } from './words'

function Import({ contest, one }: { contest: Contest; one: ContestImport }) {
  const takeBack = useTakeBack(contest.id)
  const name =
    one.source === 'file' || one.source === 'paste'
      ? (one.file_name ?? t('Pasted list'))
      : t('Comments from {platform}', { platform: platformName(one.source) })
  return (
    <li className="grid gap-2 border-b border-line py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-3">
        <b className="wrap-anywhere" dir="auto">
          {name}
        </b>
        <button
          type="button"
          className="link small inline-flex min-h-11 items-center"
          disabled={takeBack.isPending}
          aria-label={isRunning(one) ? t('Cancel {name}', { name }) : t('Remove {name}', { name })}
          onClick={() => {
            takeBack.mutate(one.id)
          }}
        >
          {isRunning(one) ? t('Cancel') : t('Remove')}
        </button>
      </div>
      {isRunning(one) && (
        <Progress
          label={t('How far {name} is read', { name })}
          fraction={
            one.bytes_total ? one.bytes_read / one.bytes_total : one.reported ? one.rows / one.reported : 0
          }
        />
      )}
      <p className="small muted" aria-live="polite">
        {importStateName(one.state)} ·{' '}
        {t('{rows} rows, {rejected} of them rejected', {
          rows: formatInteger(one.rows),
          rejected: formatInteger(one.rejected),
        })}
      </p>
      {one.reported !== null && (
        <p className="small muted">
          {t('{rows} of {reported} comments the platform reports', {
            rows: formatInteger(one.rows),
            reported: formatInteger(one.reported),
          })}
        </p>
      )}
      {isRunning(one) && one.waits_until !== null && (
        <Notice>
          <p>{waitReason(one)}</p>
          <p className="small muted">
            {t('Goes on by itself')} <When time={one.waits_until} />
          </p>
        </Notice>
      )}
      {one.error && <Notice tone="bad">{importFault(one.error)}</Notice>}
      {Object.entries(one.unread).map(([what, count]) => (
        <p key={what} className="small muted">
          {t('{count} cells of {what} could not be read; their rows count without them.', {
            count: formatInteger(count),
            what: what.replaceAll('_', ' '),
          })}
        </p>
      ))}
      {takeBack.error && <Notice tone="bad">{messageOf(takeBack.error)}</Notice>}
    </li>
  )
}

function Another({ contest, first }: { contest: Contest; first: boolean }) {
  const bring = useBring(contest.id)
  const [list, setList] = useState(NO_LIST)
  const [tried, setTried] = useState(false)
  // A file field cannot be emptied; a new one can.
  const [turn, setTurn] = useState(0)
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problemOf(list)) return
    bring.mutate(list, {
      onSuccess: () => {
        setList(NO_LIST)
        setTried(false)
        setTurn((before) => before + 1)
      },
    })
  }
  return (
    <details open={first} className="border-b border-line">
      <summary>{t('Add a list')}</summary>
      <form key={turn} onSubmit={submit} noValidate className="grid max-w-2xl gap-5 py-3">
        <ListField list={list} error={tried ? problemOf(list) : null} onChange={setList} />
        <Refusal error={bring.error} />
        <div>
          <button className="btn btn-quiet" disabled={bring.isPending}>
            {bring.isPending ? t('Uploading') : t('Upload the list')}
          </button>
        </div>
      </form>
    </details>
  )
}

/** A draft's lists: how far each is read, and room for another one. */
export function Imports({ contest }: { contest: Contest }) {
  const client = useQueryClient()
  const imports = useQuery(importsQuery(contest.id))
  const ended = imports.data?.items.filter((one) => !isRunning(one)).length
  useEffect(() => {
    if (ended === undefined) return
    void client.invalidateQueries({ queryKey: contestQuery(contest.id).queryKey, exact: true })
  }, [client, contest.id, ended])
  return (
    <section aria-labelledby="lists">
      <h2 id="lists" className="h2">
        {t('Lists')}
      </h2>
      <Loaded query={imports}>
        {({ items }) => (
          <>
            <ul aria-label={t('Lists of this contest')}>
              {items.map((one) => (
                <Import key={one.id} contest={contest} one={one} />
              ))}
            </ul>
            <Another contest={contest} first={items.length === 0} />
          </>
        )}
      </Loaded>
    </section>
  )
}
