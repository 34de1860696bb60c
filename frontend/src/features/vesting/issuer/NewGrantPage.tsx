import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Config } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { assetQuery, heldQuery, NATIVE_FACE, type Asset } from '@/shared/chain/assets'
import { formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { useDraft } from '@/shared/store/draft'
import { ActionButton } from '@/shared/tx/ActionButton'
import { useLastDone } from '@/shared/tx/finished'
import { ReviewForm, Summary, useReview, type Review } from '@/shared/tx/Review'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'
import { Loaded, Notice } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { usePageTitle } from '@/shared/ui/text'
import { readGrantAmount } from '@/shared/vesting/grant-lines'
import { PlanFields } from '@/shared/vesting/PlanFields'
import { NEW_PLAN, readPlan, type PlanForm } from '@/shared/vesting/plan-terms'
import { VestingNav } from '../VestingNav'
import { createPlan, NEW_PLAN_SUBJECT } from './actions'
import { madePlanQuery } from './queries'

interface GrantForm extends PlanForm {
  token: string
  grants: 'one' | 'later'
  beneficiary: string
  amount: string
}

const NEW_GRANT: GrantForm = { ...NEW_PLAN, token: '', grants: 'one', beneficiary: '', amount: '' }

interface Problems {
  token?: string
  beneficiary?: string
  amount?: string
}

function tokenProblem(text: string, asset: Asset | null | undefined): string | undefined {
  const address = parseAddress(text)
  if (address === null) return t('Enter the token’s address.')
  if (address.toLowerCase() === NATIVE_FACE)
    return t('This is POL’s second face as a token, which the contract refuses. Wrap POL into a token first.')
  if (!asset) return t('The token is still being looked at.')
  if (asset.kind === 'none') return t('There is no token at this address on this network.')
  return asset.kind === 'erc20' ? undefined : t('This is a collection of NFTs, not money.')
}

export function problemsOf(form: GrantForm, asset: Asset | null | undefined): Problems {
  const problems: Problems = { token: tokenProblem(form.token, asset) }
  if (form.grants === 'later') return problems
  const beneficiary = parseAddress(form.beneficiary)
  if (beneficiary === null) problems.beneficiary = t('Enter a whole address: 0x and 40 characters.')
  else if (/^0x0{40}$/.test(beneficiary)) problems.beneficiary = t('Nobody can receive at the zero address.')
  const erc20 = asset?.kind === 'erc20' ? asset : { decimals: 18, symbol: '' }
  const amount = readGrantAmount(form.amount, erc20.decimals, erc20.symbol)
  if (!amount.ok) problems.amount = amount.problem
  return problems
}

const isComplete = (problems: object): boolean => Object.values(problems).every((one) => one === undefined)

/** The plan that was made last, once it is to be seen; opened by itself when it was made just now. */
function Made() {
  const navigate = useNavigate()
  const { account, hash, justNow } = useLastDone(NEW_PLAN_SUBJECT)
  const made = useQuery(madePlanQuery(account, hash)).data
  useEffect(() => {
    if (made && justNow) void navigate({ to: '/vesting/plans/$id', params: { id: made.id } })
  }, [made, justNow, navigate])
  if (!made) return null
  return (
    <Notice tone="ok">
      <p>
        {t('Created:')}{' '}
        <Link to="/vesting/plans/$id" params={{ id: made.id }} className="link">
          {t('Plan {id}', { id: made.id })}
        </Link>
      </p>
    </Notice>
  )
}

function PlanSummary({
  config,
  form,
  asset,
  review,
}: {
  config: Config
  form: GrantForm
  asset: Asset & { kind: 'erc20' }
  review: Review
}) {
  const { current } = useSigners()
  const token = form.token.trim()
  const held = useQuery(heldQuery(config, token, current?.address))
  const read = readGrantAmount(form.amount, asset.decimals, asset.symbol)
  const grants =
    form.grants === 'one' && read.ok ? [{ beneficiary: form.beneficiary.trim(), amount: read.value }] : []
  const needed = grants[0]?.amount ?? 0n
  const have = typeof held.data === 'bigint' ? held.data : null
  const short =
    have !== null && have < needed
      ? new Error(
          t('This needs {need}; your wallet has {have}.', {
            need: formatMoney(needed, asset.decimals, asset.symbol),
            have: formatMoney(have, asset.decimals, asset.symbol),
          }),
        )
      : null
  const currency = { token, symbol: asset.symbol || t('units'), decimals: asset.decimals }
  return (
    <Summary
      review={review}
      about={t('A plan never changes. You alone can add grants to it, and revoke what is not vested yet.')}
    >
      <Refusal error={held.error ?? short} />
      <ActionButton
        subject={NEW_PLAN_SUBJECT}
        disabled={short !== null}
        action={() => createPlan(config, currency, readPlan(form).terms, grants)}
      >
        {t('Create the plan')}
      </ActionButton>
    </Summary>
  )
}

function Form({ config }: { config: Config }) {
  const { draft: form, change, clear } = useDraft('grant', NEW_GRANT)
  const review = useReview(NEW_PLAN_SUBJECT, clear)
  const asset = useQuery(assetQuery(config, parseAddress(form.token)))
  const curve = readPlan(form).problems
  const problems = problemsOf(form, asset.data)
  const complete = isComplete(problems) && isComplete(curve)
  const shown: Problems = review.tried ? problems : {}
  if (review.reviewing && complete && asset.data?.kind === 'erc20')
    return <PlanSummary {...{ config, form, review }} asset={asset.data} />
  return (
    <ReviewForm review={review} complete={complete}>
      <Section id="curve" title={t('When it vests')}>
        <div className="grid gap-5">
          <AddressField
            label={t('Token’s address')}
            hint={t('Tokens that take a fee on the way, or change balances by themselves, are refused.')}
            value={form.token}
            error={shown.token}
            onChange={(token) => {
              change({ token })
            }}
          />
          <Refusal error={asset.error} />
          <PlanFields form={form} problems={review.tried ? curve : {}} onChange={change} />
        </div>
      </Section>
      <Section id="who" title={t('Who gets it')}>
        <div className="grid gap-5">
          <SelectField
            label={t('Grants')}
            value={form.grants}
            choices={[
              { value: 'one', name: t('One grant now') },
              { value: 'later', name: t('None yet: I bring a list afterwards') },
            ]}
            onChange={(grants) => {
              change({ grants })
            }}
          />
          {form.grants === 'one' && (
            <>
              <AddressField
                label={t('Beneficiary')}
                value={form.beneficiary}
                error={shown.beneficiary}
                onChange={(beneficiary) => {
                  change({ beneficiary })
                }}
              />
              <TextField
                label={t('Amount')}
                inputMode="decimal"
                value={form.amount}
                error={shown.amount}
                onChange={(amount) => {
                  change({ amount })
                }}
              />
            </>
          )}
        </div>
      </Section>
    </ReviewForm>
  )
}

export default function NewGrantPage() {
  usePageTitle(t('New vesting plan'))
  const config = useConfig()
  return (
    <div className="grid gap-8">
      <VestingNav />
      <header>
        <h1 className="h1">{t('Make a vesting plan')}</h1>
        <p className="lede mt-2">
          {t(
            'Tokens of yours that become others’ own over time. The contract holds them from the first moment.',
          )}
        </p>
      </header>
      <Made />
      <Loaded query={config}>{(data) => <Form config={data} />}</Loaded>
      <TransactionStages subject={NEW_PLAN_SUBJECT} limit={1} />
    </div>
  )
}
