import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Governance, Voter } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { ActionButton, GetSigner } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { usePageTitle } from '@/shared/ui/text'
import { NEW_PROPOSAL, propose, signedDescription, type DraftCall } from './actions'
import { CallEditor } from './CallEditor'
import { GovernanceNav } from './GovernanceNav'
import { governanceQuery, tokensQuery, voterQuery } from './queries'
import { votesText } from './words'

interface Draft {
  call: DraftCall
  sentence: string
}

/** Whether there are votes enough to propose, and what to do if there are not. */
function Threshold({ settings, voter }: { settings: Governance; voter: Voter }) {
  const need = settings.proposal_threshold
  if (need === null || BigInt(voter.votes) >= BigInt(need)) return null
  const idle = voter.balance !== '0' && voter.delegatee === null
  return (
    <Notice tone="bad">
      <p className="font-semibold">
        {t('You have {have}, and a proposal needs {need}.', {
          have: votesText(voter.votes, settings),
          need: votesText(need, settings),
        })}
      </p>
      <p>
        {idle
          ? t('You hold {amount} that nobody votes with: delegate them to yourself first.', {
              amount: votesText(voter.balance, settings),
            })
          : t('Ask holders to delegate to you, or somebody with enough votes to make the proposal.')}
      </p>
      {idle && (
        <Link to="/governance/delegate" className="btn btn-quiet mt-3">
          {t('Delegate your votes')}
        </Link>
      )}
    </Notice>
  )
}

const enough = (settings: Governance, voter: Voter | undefined): boolean =>
  voter !== undefined &&
  (settings.proposal_threshold === null || BigInt(voter.votes) >= BigInt(settings.proposal_threshold))

function Drafts({ drafts, onRemove }: { drafts: readonly Draft[]; onRemove: (index: number) => void }) {
  if (drafts.length === 0)
    return <p className="muted">{t('No action yet: a proposal needs one at least.')}</p>
  return (
    <ol className="ruled" aria-label={t('Actions')}>
      {drafts.map((draft, index) => (
        <li key={index} className="flex flex-wrap items-center justify-between gap-3">
          <span className="wrap-anywhere">
            {index + 1}. {draft.sentence}
          </span>
          <RemoveButton
            what={draft.sentence}
            label={t('Remove')}
            busy={false}
            onRemove={() => {
              onRemove(index)
            }}
          />
        </li>
      ))}
    </ol>
  )
}

function Form({ settings }: { settings: Governance }) {
  const config = useConfig().data
  const tokens = useQuery(tokensQuery).data?.items ?? []
  const { current } = useSigners()
  const voter = useQuery(voterQuery(current?.address)).data
  const [drafts, setDrafts] = useState<readonly Draft[]>([])
  const [title, setTitle] = useState('')
  const [why, setWhy] = useState('')
  const complete = drafts.length > 0 && title.trim() !== ''
  return (
    <>
      {!current && <GetSigner />}
      {voter && <Threshold settings={settings} voter={voter} />}
      <Section
        id="actions"
        title={t('What shall be done')}
        about={t('All of it in one transaction, or nothing.')}
      >
        <Drafts
          drafts={drafts}
          onRemove={(gone) => {
            setDrafts((before) => before.filter((_, index) => index !== gone))
          }}
        />
        <div className="mt-6">
          {config && (
            <CallEditor
              context={{ config, settings, tokens }}
              onAdd={(added) => {
                setDrafts((before) => [...before, added])
              }}
            />
          )}
        </div>
      </Section>
      <Section id="why" title={t('Why')}>
        <div className="grid max-w-prose gap-4">
          <TextField label={t('Name of the proposal')} value={title} onChange={setTitle} most={200} />
          <TextField
            label={t('Reasons')}
            hint={t('Public, and kept on the chain for ever. It costs network fees by its length.')}
            value={why}
            onChange={setWhy}
            rows={6}
          />
        </div>
      </Section>
      <section aria-labelledby="propose" className="sheet grid gap-4">
        <h2 id="propose" className="h2">
          {t('Make the proposal')}
        </h2>
        <p className="muted">
          {t('Your address ends the description, so that nobody else can make the same proposal first.')}
        </p>
        {current && (
          <ActionButton
            subject={NEW_PROPOSAL}
            disabled={!complete || !enough(settings, voter)}
            action={(signer) =>
              config && complete
                ? propose(
                    config,
                    drafts.map((draft) => draft.call),
                    signedDescription(
                      [title.trim(), why.trim()].filter(Boolean).join('\n\n'),
                      signer.address,
                    ),
                  )
                : null
            }
          >
            {t('Make the proposal')}
          </ActionButton>
        )}
        {!current && <p>{t('Connect the wallet that has the votes.')}</p>}
      </section>
      <TransactionStages subject={NEW_PROPOSAL} />
      <p>
        <Link to="/governance" className="link">
          {t('To the proposals')}
        </Link>
      </p>
    </>
  )
}

export default function NewProposalPage() {
  usePageTitle(t('New proposal'))
  const settings = useQuery(governanceQuery)
  return (
    <div className="grid gap-8">
      <header>
        <GovernanceNav />
        <h1 className="h1">{t('New proposal')}</h1>
        <p className="lede mt-2">
          {t('Say what shall be done and why. Holders vote; if they agree, the timelock does it.')}
        </p>
      </header>
      <Loaded query={settings} skeleton={<Skeleton lines={8} />}>
        {(data) => <Form settings={data} />}
      </Loaded>
    </div>
  )
}
