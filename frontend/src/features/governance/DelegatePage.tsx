import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Grant, Voter } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t, tn } from '@/shared/i18n'
import { sameAddress, useSigners, type Signer } from '@/shared/session/signer'
import { ActionButton, GetSigner, SignerPicker } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, usePageTitle } from '@/shared/ui/text'
import { delegateHeld, delegateLocked, DELEGATION } from './actions'
import { GovernanceNav } from './GovernanceNav'
import { grantsQuery, voterQuery } from './queries'
import { votesText } from './words'

function Delegatee({ value, you }: { value: string | null; you: string }) {
  if (value === null) return <>{t('nobody')}</>
  return <Address value={value} you={sameAddress(value, you)} />
}

function Figures({ voter }: { voter: Voter }) {
  return (
    <dl className="ruled">
      <div>
        <dt>{t('You can vote with')}</dt>
        <dd className="num-in">{votesText(voter.votes, voter)}</dd>
      </div>
      <div>
        <dt>{t('Tokens you hold')}</dt>
        <dd className="num-in">{votesText(voter.balance, voter)}</dd>
      </div>
      <div>
        <dt>{t('Votes with them')}</dt>
        <dd>
          <Delegatee value={voter.delegatee} you={voter.address} />
        </dd>
      </div>
    </dl>
  )
}

const unreleased = (grant: Grant): bigint =>
  BigInt(grant.amount) - BigInt(grant.returned) - BigInt(grant.released)

function Locked({ voter, grants, to }: { voter: Voter; grants: readonly Grant[]; to: string | null }) {
  const config = useConfig().data
  const locked = grants.filter((grant) => sameAddress(grant.token, voter.token) && unreleased(grant) > 0n)
  if (locked.length === 0) return null
  const amount = locked.reduce((sum, grant) => sum + unreleased(grant), 0n)
  const others = locked.filter((grant) => grant.delegatee !== null)
  return (
    <Section
      id="locked"
      title={t('Locked tokens')}
      about={t('What a grant has not released votes too, by a delegation of its own.')}
    >
      <dl className="ruled mb-4">
        <div>
          <dt>{tn(locked.length, 'Not released, of {count} grant', 'Not released, of {count} grants')}</dt>
          <dd className="num-in">{votesText(amount, voter)}</dd>
        </div>
        {locked.map((grant) => (
          <div key={grant.id}>
            <dt>{t('Votes with {amount}', { amount: votesText(unreleased(grant), voter) })}</dt>
            <dd>
              <Delegatee value={grant.delegatee} you={voter.address} />
            </dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap gap-3">
        <ActionButton
          subject={DELEGATION}
          picker={false}
          disabled={to === null}
          action={() => (config && to ? delegateLocked(config, locked, to) : null)}
        >
          {t('Delegate locked tokens')}
        </ActionButton>
        {others.length > 0 && (
          <ActionButton
            subject={DELEGATION}
            picker={false}
            quiet
            action={() => config && delegateLocked(config, others, null)}
          >
            {t('Take the votes back')}
          </ActionButton>
        )}
      </div>
    </Section>
  )
}

function Delegation({ voter, signer }: { voter: Voter; signer: Signer }) {
  const grants = useQuery(grantsQuery(signer.address)).data?.items ?? []
  const [other, setOther] = useState(false)
  const [text, setText] = useState('')
  const to = other ? parseAddress(text) : signer.address
  const already = sameAddress(to, voter.delegatee)
  return (
    <>
      <Section id="now" title={t('As it is')}>
        <Figures voter={voter} />
      </Section>
      {voter.balance !== '0' && voter.delegatee === null && (
        <Notice>
          <p className="font-semibold">{t('Nobody votes with your tokens.')}</p>
          <p>{t('They count for nothing until you delegate them, to yourself too. They stay yours.')}</p>
        </Notice>
      )}
      <Section id="who" title={t('Who shall vote')}>
        <fieldset className="seg">
          <legend className="sr-only">{t('Who shall vote')}</legend>
          <label>
            <input
              type="radio"
              name="delegatee"
              checked={!other}
              onChange={() => {
                setOther(false)
              }}
            />
            {t('I myself')}
          </label>
          <label>
            <input
              type="radio"
              name="delegatee"
              checked={other}
              onChange={() => {
                setOther(true)
              }}
            />
            {t('Somebody else')}
          </label>
        </fieldset>
        {other && (
          <div className="mt-2 max-w-prose">
            <AddressField label={t('Their address')} value={text} onChange={setText} />
          </div>
        )}
      </Section>
      <Section
        id="held"
        title={t('Tokens you hold')}
        about={t('Takes effect at once, for proposals whose voting has not begun.')}
      >
        {voter.balance === '0' ? (
          <p className="muted">{t('You hold none of the token that votes.')}</p>
        ) : already ? (
          <p className="muted">{t('This address votes with them already.')}</p>
        ) : (
          <ActionButton
            subject={DELEGATION}
            picker={false}
            action={() => (to ? delegateHeld(voter, to) : null)}
          >
            {t('Delegate')}
          </ActionButton>
        )}
      </Section>
      <Locked voter={voter} grants={grants} to={to} />
    </>
  )
}

export default function DelegatePage() {
  usePageTitle(t('Your votes'))
  const { current, pending } = useSigners()
  const voter = useQuery(voterQuery(current?.address))
  return (
    <div className="grid gap-8">
      <header>
        <GovernanceNav />
        <h1 className="h1">{t('Your votes')}</h1>
        <p className="lede mt-2">
          {t(
            'A token votes only once its holder has said who votes with it. Delegating moves no token and can be changed at any time.',
          )}
        </p>
      </header>
      {current ? (
        <>
          <SignerPicker />
          <Loaded query={voter}>{(data) => <Delegation voter={data} signer={current} />}</Loaded>
          <TransactionStages subject={DELEGATION} />
        </>
      ) : pending ? (
        <Skeleton />
      ) : (
        <div className="grid gap-3">
          <p>{t('Connect a wallet or sign in to see your votes.')}</p>
          <GetSigner />
        </div>
      )}
    </div>
  )
}
