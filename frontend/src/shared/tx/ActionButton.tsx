/** The one way to start a transaction: who signs, what it costs, the button, or what is missing first. */
import { Link, useRouterState } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { messageOf } from '@/shared/api/problem'
import { useConfig } from '@/shared/api/queries'
import { shortHex } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { chooseSigner, useSigners, type Signer } from '@/shared/session/signer'
import { loadWallet } from '@/shared/wallet/load'
import { openWalletDialog } from '@/shared/wallet/dialog-state'
import type { Action } from './action'
import { useEntries } from './journal'
import { useStart } from './start'

const signerName = (signer: Signer): string =>
  signer.kind === 'browser' ? t('Browser wallet') : t('Tombola wallet')

/** Both kinds of signer are at hand: the person says which. */
export function SignerPicker() {
  const { available, current } = useSigners()
  if (available.length === 0) return null
  return (
    <fieldset className="seg">
      <legend className="font-semibold">{t('Sign with')}</legend>
      {available.map((signer) => (
        <label key={signer.kind}>
          <input
            type="radio"
            name="signer"
            checked={current?.kind === signer.kind}
            onChange={() => {
              chooseSigner(signer.kind)
            }}
          />
          <span>
            {signerName(signer)} <span className="mono muted">{shortHex(signer.address)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** For somebody who has no signer yet. */
export function GetSigner({ walletToo = true }: { walletToo?: boolean }) {
  const here = useRouterState({ select: (state) => state.location.pathname })
  return (
    <div className="flex flex-wrap gap-3">
      {walletToo && (
        <button type="button" className="btn btn-main" onClick={openWalletDialog}>
          {t('Connect a wallet')}
        </button>
      )}
      <Link to="/account" search={{ next: here }} className={`btn ${walletToo ? 'btn-quiet' : 'btn-main'}`}>
        {t('Sign in with e-mail')}
      </Link>
    </div>
  )
}

/** For a browser wallet on another network. */
export function SwitchChain({ chain }: { chain: string }) {
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const change = async () => {
    try {
      await (await loadWallet(client)).switchChain()
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <div className="grid gap-2">
      <p>{t('Your wallet is on another network.')}</p>
      <button type="button" className="btn btn-bad" onClick={() => void change()}>
        {t('Switch to {chain}', { chain })}
      </button>
      {problem && (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
    </div>
  )
}

export interface ActionButtonProps {
  /** Made for the signer who is about to act; null while the form is not complete. */
  action: (signer: Signer) => Action | null | undefined
  subject: string
  children: ReactNode
  label?: string
  disabled?: boolean
  quiet?: boolean
  /** Show who signs; off where several buttons share one picker. */
  picker?: boolean
  onStarted?: () => void
}

export function ActionButton({
  action,
  subject,
  children,
  label,
  disabled,
  quiet,
  picker = true,
  onStarted,
}: ActionButtonProps) {
  const { current, wrongChain, pending } = useSigners()
  const config = useConfig().data
  const start = useStart()
  const running = useEntries(subject).some((entry) => entry.outcome === 'running')
  if (!current) return pending ? <span className="skel w-40" /> : picker ? <GetSigner /> : null
  if (wrongChain && config) {
    return (
      <div className="grid gap-3">
        {picker && <SignerPicker />}
        <SwitchChain chain={config.chain_name} />
      </div>
    )
  }
  const ready = action(current) ?? null
  const impossible =
    ready !== null && (current.kind === 'browser' ? ready.calls.length === 0 : ready.intent === null)
  return (
    <div className="grid gap-3">
      {picker && <SignerPicker />}
      {ready && picker && ready.lines.length > 0 && (
        <dl className="ruled">
          {ready.lines.map((line) => (
            <div key={line.label}>
              <dt>{line.label}</dt>
              <dd className="num-in">{line.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {impossible ? (
        <p className="muted small">
          {current.kind === 'browser'
            ? t('Only the Tombola wallet that made this can do it.')
            : t(
                'This is too much at once for the Tombola wallet: make it smaller, or connect a browser wallet.',
              )}
        </p>
      ) : (
        <button
          type="button"
          className={`btn ${quiet ? 'btn-quiet' : 'btn-main'} justify-self-start`}
          aria-label={label}
          disabled={disabled || running || !ready || !config}
          onClick={() => {
            if (!ready || !config) return
            void start(ready, current, config.chain_id)
            onStarted?.()
          }}
        >
          {children}
        </button>
      )}
    </div>
  )
}
