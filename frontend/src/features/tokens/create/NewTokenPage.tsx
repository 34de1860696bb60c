import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Config } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { heldQuery } from '@/shared/chain/assets'
import { newSalt } from '@/shared/chain/salt'
import { formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { useDraft } from '@/shared/store/draft'
import { ActionButton } from '@/shared/tx/ActionButton'
import { useLastDone } from '@/shared/tx/finished'
import { ReviewForm, Summary, useReview } from '@/shared/tx/Review'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice } from '@/shared/ui/states'
import { Address, usePageTitle } from '@/shared/ui/text'
import { madeTokenQuery } from '../queries'
import { launchToken, NEW_TOKEN_SUBJECT, type Fee } from './actions'
import { LaunchPlans } from './LaunchPlans'
import { factoryQuery, grantLinesQuery, predictionQuery } from './queries'
import { configOf, isComplete, NEW_TOKEN, problemsOf } from './terms'
import { FeatureFields, NameFields, RecipientField } from './TokenFields'

/** The token that was launched last, once it is to be seen; opened by itself when it was launched just now. */
function Launched() {
  const navigate = useNavigate()
  const { account, hash, justNow } = useLastDone(NEW_TOKEN_SUBJECT)
  const made = useQuery(madeTokenQuery(account, hash)).data
  useEffect(() => {
    if (made && justNow) void navigate({ to: '/tokens/$address', params: { address: made.address } })
  }, [made, justNow, navigate])
  if (!made) return null
  return (
    <Notice tone="ok">
      <p className="flex flex-wrap items-center gap-x-2">
        {t('Created:')}
        <Link to="/tokens/$address" params={{ address: made.address }} className="link">
          <bdi>{made.name}</bdi>
        </Link>
        <Address value={made.address} />
      </p>
    </Notice>
  )
}

function FeeNotice({ fee }: { fee: Fee }) {
  return (
    <p className="muted">
      {fee.amount === 0n
        ? t('The factory asks no fee now.')
        : t('The factory’s fee now: {fee}. You never pay more than the summary shows.', {
            fee: formatMoney(fee.amount, fee.decimals, fee.symbol),
          })}
    </p>
  )
}

/** What the wallet lacks for the fee; null when nothing. */
function useShortOfFee(config: Config, fee: Fee | undefined, account: string | undefined): string | null {
  const held = useQuery(heldQuery(config, fee?.token ?? null, fee ? account : undefined)).data
  if (!fee || typeof held !== 'bigint' || held >= fee.amount) return null
  return t('The fee is {need}; your wallet has {have}.', {
    need: formatMoney(fee.amount, fee.decimals, fee.symbol),
    have: formatMoney(held, fee.decimals, fee.symbol),
  })
}

function Form({ config }: { config: Config }) {
  const client = useQueryClient()
  const { draft: form, change, clear } = useDraft('token', NEW_TOKEN)
  const review = useReview(NEW_TOKEN_SUBJECT, clear)
  const { current } = useSigners()
  const factory = useQuery(factoryQuery(client, config, current?.address))
  const grants = useQueries({
    queries: form.plans.map((plan) => grantLinesQuery(plan.grants, form.symbol.trim())),
  }).map(({ data }) => data)
  const problems = problemsOf(form, grants)
  const complete = isComplete(problems)
  const shown = review.tried ? problems : { plans: [] }
  const templateId = factory.data?.templates[form.kind]
  const token = complete && current && templateId ? configOf(form, current.address, templateId) : null
  const prediction = useQuery(
    predictionQuery(config, current?.address, token, review.reviewing ? form.salt : ''),
  )
  const short = useShortOfFee(config, factory.data?.fee, current?.address)
  const closed = factory.data?.allowed === false && current !== null
  const gone = templateId === 0n
  if (review.reviewing && complete) {
    const fee = factory.data?.fee
    return (
      <Summary
        review={review}
        about={t(
          'Name, symbol, cap and features never change afterwards. Token and vesting are made together or not at all.',
        )}
      >
        <Refusal error={prediction.error ?? factory.error ?? (short === null ? null : new Error(short))} />
        <ActionButton
          subject={NEW_TOKEN_SUBJECT}
          disabled={short !== null || closed || gone}
          action={() =>
            token && fee && prediction.data
              ? launchToken(config, { form, config: token, grants, address: prediction.data, fee })
              : null
          }
        >
          {t('Launch the token')}
        </ActionButton>
      </Summary>
    )
  }
  return (
    <ReviewForm
      review={review}
      complete={complete}
      onComplete={() => {
        if (form.salt === '') change({ salt: newSalt() })
      }}
    >
      {closed && (
        <Notice tone="bad">
          {t('Creation is not open to everybody now, and {account} is not on the list.', {
            account: current.address,
          })}
        </Notice>
      )}
      {gone && <Notice tone="bad">{t('The factory makes no tokens of this kind any more.')}</Notice>}
      <Section id="token" title={t('Token')}>
        <div className="grid gap-5">
          {factory.data && <FeeNotice fee={factory.data.fee} />}
          <Refusal error={factory.error} />
          <NameFields {...{ form, change }} problems={shown} />
          {form.kind === 'token' && <FeatureFields {...{ form, change }} problems={shown} />}
          <RecipientField {...{ form, change }} problems={shown} />
        </div>
      </Section>
      <Section
        id="vesting"
        title={t('Vesting')}
        about={t('Part of the supply can go into vesting in the same transaction; the plans are yours.')}
      >
        <LaunchPlans
          plans={form.plans}
          grants={grants}
          problems={shown.plans}
          symbol={form.symbol.trim()}
          onChange={(plans) => {
            change({ plans })
          }}
        />
      </Section>
    </ReviewForm>
  )
}

export default function NewTokenPage() {
  usePageTitle(t('New token'))
  const config = useConfig()
  return (
    <div className="grid gap-8">
      <header>
        <h1 className="h1">{t('Launch a token')}</h1>
        <p className="lede mt-2">
          {t(
            'A copy of a checked template at an address that is known beforehand and that nobody else can take.',
          )}
        </p>
      </header>
      <Launched />
      <Loaded query={config}>{(data) => <Form config={data} />}</Loaded>
      <TransactionStages subject={NEW_TOKEN_SUBJECT} limit={1} />
    </div>
  )
}
