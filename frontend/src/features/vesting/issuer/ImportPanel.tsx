/** Many grants from a list: read, checked against balance, and sent in batches that survive a reload. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Config, Plan } from '@/api/types'
import { messageOf } from '@/shared/api/problem'
import { allowanceQuery, heldQuery } from '@/shared/chain/assets'
import type { Lines } from '@/shared/format/address-lines'
import { formatMoney } from '@/shared/format/amount'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Signer } from '@/shared/session/signer'
import { useEntries } from '@/shared/tx/journal'
import { useStart } from '@/shared/tx/start'
import { SwitchChain } from '@/shared/tx/ActionButton'
import { useWallet } from '@/shared/wallet/store'
import { LineProblems } from '@/shared/ui/LineProblems'
import { ListInput } from '@/shared/ui/ListInput'
import { Progress } from '@/shared/ui/Progress'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { readGrantLines, totalOf } from '@/shared/vesting/grant-lines'
import { vestingAddress } from '../actions'
import { approveAll, planSubject, type Currency } from './actions'
import {
  BATCH,
  forgetImport,
  keptRows,
  loadImport,
  MOST_ROWS,
  restOf,
  saveImport,
  type GrantImport,
} from './import'
import { countOnChain, useSendNext } from './useImportPorts'

interface PanelProps {
  config: Config
  plan: Plan
  currency: Currency
  signer: Signer
}

/** Only one tab sends an import; another one is told so. */
async function alone<T>(planId: string, work: () => Promise<T>): Promise<T> {
  const locks = (navigator as Partial<Navigator>).locks
  if (!locks) return work()
  return locks.request(`tombola-import-${planId}`, { ifAvailable: true }, (lock) => {
    if (!lock) throw new Error(t('Another tab is sending this list just now.'))
    return work()
  })
}

function Totals({ config, currency, signer, amount }: Omit<PanelProps, 'plan'> & { amount: bigint }) {
  const held = useQuery(heldQuery(config, currency.token, signer.address))
  const allowed = useQuery(allowanceQuery(config, currency.token, signer.address, vestingAddress(config)))
  const money = (value: bigint) => formatMoney(value, currency.decimals, currency.symbol)
  return (
    <>
      <dl className="ruled">
        <div>
          <dt>{t('Needed in all')}</dt>
          <dd className="num-in">{money(amount)}</dd>
        </div>
        <div>
          <dt>{t('In your wallet')}</dt>
          <dd className="num-in">{typeof held.data === 'bigint' ? money(held.data) : '…'}</dd>
        </div>
        {signer.kind === 'browser' && (
          <div>
            <dt>{t('Vesting may take')}</dt>
            <dd className="num-in">{typeof allowed.data === 'bigint' ? money(allowed.data) : '…'}</dd>
          </div>
        )}
      </dl>
      <Refusal error={held.error ?? allowed.error} />
      {typeof held.data === 'bigint' && held.data < amount && (
        <p role="alert" className="text-bad">
          {t('Your wallet lacks {missing} for all of it.', { missing: money(amount - held.data) })}
        </p>
      )}
    </>
  )
}

function Bring({
  config,
  plan,
  currency,
  signer,
  onStarted,
}: PanelProps & { onStarted: (one: GrantImport) => void }) {
  const [lines, setLines] = useState<Lines<bigint> | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const total = totalOf(lines?.rows ?? [])
  const held = useQuery(heldQuery(config, currency.token, signer.address)).data
  const usable =
    lines !== null &&
    lines.problems.length === 0 &&
    lines.rows.length > 0 &&
    typeof held === 'bigint' &&
    held >= total
  const begin = async () => {
    if (!lines) return
    setProblem(null)
    try {
      const one: GrantImport = {
        chainId: config.chain_id,
        planId: plan.id,
        creator: signer.address,
        base: await countOnChain(config, plan.id),
        rows: keptRows(lines.rows),
        sent: 0,
        asked: null,
      }
      saveImport(one)
      onStarted(one)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  const batches = Math.ceil((lines?.rows.length ?? 0) / BATCH)
  return (
    <div className="grid gap-4">
      <ListInput
        label={t('List of grants')}
        hint={t(
          'One line for each: address, amount in whole tokens; at most {most} lines. For more, make a campaign: docs/vesting.md says how.',
          { most: formatInteger(MOST_ROWS) },
        )}
        placeholder="0x…,1000"
        read={async (text, onProgress) => {
          setLines(await readGrantLines(text, { ...currency, most: MOST_ROWS }, onProgress))
        }}
      />
      {lines && (
        <>
          <p role="status">
            {t('{grants} can be made, in {transactions}.', {
              grants: tn(lines.rows.length, '{count} grant', '{count} grants'),
              transactions: tn(batches, '{count} transaction', '{count} transactions'),
            })}
          </p>
          <LineProblems problems={lines.problems} />
          <Totals {...{ config, currency, signer }} amount={total} />
          <Refusal error={problem === null ? null : new Error(problem)} />
          <button
            type="button"
            className="btn btn-main justify-self-start"
            disabled={!usable}
            onClick={() => void begin()}
          >
            {t('Keep this list and go on')}
          </button>
        </>
      )}
    </div>
  )
}

function Send({
  config,
  plan,
  currency,
  signer,
  one,
  onChange,
}: PanelProps & { one: GrantImport; onChange: (one: GrantImport | null) => void }) {
  const [busy, setBusy] = useState(false)
  const [note, setNote] = useState<string | null>(null)
  const [unsure, setUnsure] = useState(false)
  const [looked, setLooked] = useState(false)
  const start = useStart()
  const sendNext = useSendNext(config, plan, currency, signer)
  const running = useEntries(planSubject(plan.id)).some(({ outcome }) => outcome === 'running')
  const allowed = useQuery(allowanceQuery(config, currency.token, signer.address, vestingAddress(config)))
  const rest = restOf(one)
  const done = one.sent === one.rows.length
  const send = async () => {
    // Whatever another tab did is in storage.
    const fresh = loadImport(config.chain_id, plan.id)
    if (!fresh) return onChange(null)
    // The Tombola wallet approves each batch by itself.
    if (signer.kind === 'browser' && typeof allowed.data === 'bigint' && allowed.data < restOf(fresh)) {
      const entry = await start(approveAll(config, plan.id, currency, restOf(fresh)), signer, config.chain_id)
      if (entry?.outcome !== 'done') return
    }
    for (let sure = looked; ; sure = false) {
      const outcome = await sendNext(fresh, sure)
      onChange({ ...fresh })
      setUnsure(outcome.kind === 'unsure')
      if (outcome.kind === 'waiting' || outcome.kind === 'stopped') setNote(outcome.why)
      if (outcome.kind !== 'sent') return
    }
  }
  const begin = async () => {
    setBusy(true)
    setNote(null)
    try {
      await alone(plan.id, send)
    } catch (error) {
      setNote(messageOf(error))
    } finally {
      setBusy(false)
      setLooked(false)
    }
  }
  return (
    <div className="grid gap-4">
      <Progress fraction={one.sent / one.rows.length} label={t('How much of the list is on the chain')} />
      <p role="status">
        {t('{sent} of {all} grants are on the chain.', {
          sent: formatInteger(one.sent),
          all: formatInteger(one.rows.length),
        })}
      </p>
      {!done && <Totals {...{ config, currency, signer }} amount={rest} />}
      {unsure && (
        <label className="check">
          <input
            type="checkbox"
            checked={looked}
            onChange={(event) => {
              setLooked(event.target.checked)
            }}
          />
          {t(
            'It is not known whether your wallet sent the last batch. I looked: my wallet has no open request for it.',
          )}
        </label>
      )}
      <Refusal error={note === null ? null : new Error(note)} />
      <div className="flex flex-wrap gap-3">
        {!done && (
          <button
            type="button"
            className="btn btn-main"
            disabled={busy || running || allowed.data === undefined || (unsure && !looked)}
            onClick={() => void begin()}
          >
            {one.sent === 0 ? t('Send the grants') : t('Send the rest')}
          </button>
        )}
        <RemoveButton
          what={t('List of grants')}
          label={t('Forget the list')}
          busy={busy || running}
          onRemove={() => {
            forgetImport(config.chain_id, plan.id)
            onChange(null)
          }}
        />
      </div>
    </div>
  )
}

export function ImportPanel(props: PanelProps) {
  const { config, plan, signer } = props
  const [one, setOne] = useState(() => loadImport(config.chain_id, plan.id))
  const wallet = useWallet()
  if (signer.kind === 'browser' && wallet.chainId !== config.chain_id)
    return <SwitchChain chain={config.chain_name} />
  if (one && one.creator.toLowerCase() !== signer.address.toLowerCase())
    return (
      <p>{t('{account} is sending a list for this plan from this browser.', { account: one.creator })}</p>
    )
  return one ? <Send {...props} one={one} onChange={setOne} /> : <Bring {...props} onStarted={setOne} />
}
