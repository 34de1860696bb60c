import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { Empty, Notice } from '@/shared/ui/states'
import { filterText } from '../filters'
import { AddRule } from './AddRule'
import { Exclusions } from './Exclusions'
import { blankDraft, draftOf, readDraft, type FilterDraft, type Problems } from './filter-drafts'
import type { Filter, Kind } from './filter-kinds'
import { LivePreview } from './LivePreview'
import { keptBy, previewQuery, useKeepFilters, type Preview } from './queries'
import { RuleForm } from './RuleForm'
import { NextStep } from './StepList'
import { KeptNote, useKept } from './useKept'

/** What the API takes (backend/filters/kinds.py). */
const MOST_RULES = 30

/** The drafts as the API takes them, in writing, or what has to be corrected first. */
function readAll(drafts: readonly FilterDraft[]): { text: string | null; problems: Problems[] } {
  const read = drafts.map(readDraft)
  const filters = read.flatMap((one) => ('filter' in one ? [one.filter] : []))
  return {
    text: filters.length === drafts.length ? JSON.stringify(filters) : null,
    problems: read.map((one) => ('problems' in one ? one.problems : {})),
  }
}

const onlyMine = (contest: Contest): Filter[] =>
  contest.filters.flatMap((filter) => ('hidden' in filter ? [] : [filter]))

/** The rules of a draft, each kept as it is typed, with the numbers they lead to. */
function Rules({ contest }: { contest: Contest }) {
  const [drafts, setDrafts] = useState(() => onlyMine(contest).map(draftOf))
  const [initially] = useState(() => readAll(drafts).text)
  // Which drafts the server keeps, by what it keeps: old numbers then stand beside the rules they are of.
  const [places, setPlaces] = useState<ReadonlyMap<string, readonly number[]>>(
    () => new Map([[keptBy(contest).filters, drafts.map((draft) => draft.key)]]),
  )
  const keepFilters = useKeepFilters(contest.id)
  const { text, problems } = readAll(drafts)
  const kept = useKept(text, initially, async (what) => {
    const keys = drafts.map((draft) => draft.key)
    const { filters } = await keepFilters.mutateAsync(JSON.parse(what) as Filter[])
    setPlaces((before) => new Map(before).set(JSON.stringify(filters), keys))
  })
  const by = keptBy(contest)
  const counted = useQuery(previewQuery(contest.id, by))
  const age =
    text === null || kept.state === 'refused'
      ? 'before'
      : counted.isFetching || kept.state !== 'kept'
        ? 'counting'
        : 'now'
  const keys = counted.data ? places.get(counted.data.filters) : undefined
  const leftOut = (key: number): Preview['excluded'] | null => {
    const place = keys?.indexOf(key) ?? -1
    return place < 0 ? null : (counted.data?.preview.excluded.filter((one) => one.filter === place) ?? null)
  }
  const move = (from: number, step: -1 | 1) => {
    setDrafts((before) => {
      const moved = before.toSpliced(from, 1)
      const draft = before[from]
      return draft ? moved.toSpliced(from + step, 0, draft) : before
    })
  }
  const taken = new Set<Kind>(
    drafts.some((draft) => draft.kind === 'entries_per_person') ? ['entries_per_person'] : [],
  )
  return (
    <>
      <p className="max-w-prose">
        {t(
          'Rules are asked in this order; each looks at those whom the rules before left. Whoever is left out has one reason.',
        )}
      </p>
      <LivePreview counted={counted} age={age} />
      <KeptNote kept={kept} wrong={text === null} />
      {drafts.length === 0 ? (
        <Empty title={t('No rule yet: everybody counts once.')}>
          {t('Add one, if not everybody shall.')}
        </Empty>
      ) : (
        <ol aria-label={t('Rules')} className="border-t-2 border-ink">
          {drafts.map((draft, place) => (
            <RuleForm
              key={draft.key}
              draft={draft}
              place={place}
              of={drafts.length}
              problems={problems[place] ?? {}}
              leftOut={leftOut(draft.key)}
              onChange={(next) => {
                setDrafts((before) => before.map((one) => (one.key === next.key ? next : one)))
              }}
              onMove={(direction) => {
                move(place, direction)
              }}
              onRemove={() => {
                setDrafts((before) => before.filter((one) => one.key !== draft.key))
              }}
            />
          ))}
        </ol>
      )}
      {drafts.length < MOST_RULES ? (
        <AddRule
          taken={taken}
          onAdd={(kind) => {
            setDrafts((before) => [...before, blankDraft(kind)])
          }}
        />
      ) : (
        <p className="muted">
          {t('There are {most} rules, as many as there may be.', { most: formatInteger(MOST_RULES) })}
        </p>
      )}
      <Exclusions contest={contest} by={by} />
    </>
  )
}

/** After the announcement: rules as they stay, with the numbers they lead to. */
function FixedRules({ contest }: { contest: Contest }) {
  const by = keptBy(contest)
  const counted = useQuery(previewQuery(contest.id, by))
  return (
    <>
      <Notice>
        {t('The contest is announced: everybody can read its rules, and they stay as they are.')}
      </Notice>
      <LivePreview counted={counted} age={counted.isFetching ? 'counting' : 'now'} />
      {contest.filters.length === 0 ? (
        <p>{t('There are no rules: everybody counts once.')}</p>
      ) : (
        <ol className="list-decimal ps-5">
          {contest.filters.map((filter, place) => (
            <li key={place} dir="auto">
              {filterText(filter)}
            </li>
          ))}
        </ol>
      )}
      <Exclusions contest={contest} by={by} />
    </>
  )
}

/** Who of all that were brought in counts. */
export function FiltersStep({ contest }: { contest: Contest }) {
  return (
    <>
      {contest.announced_at === null ? <Rules contest={contest} /> : <FixedRules contest={contest} />}
      <NextStep contest={contest} after="filters" />
    </>
  )
}
