import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { BadgeCheck, ListChecks, Moon, Sprout, Ticket, UserRound } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useConfig, useStatus } from '@/shared/api/queries'
import { shortHex } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { stepUpQuestion } from '@/shared/session/step-up'
import { useStore } from '@/shared/store/store'
import { openWalletDialog, walletDialog } from '@/shared/wallet/dialog-state'
import { useWallet } from '@/shared/wallet/store'

const WalletDialog = lazy(() => import('@/shared/wallet/WalletDialog'))
const StaffLink = lazy(() => import('./StaffLink'))
const StepUpDialog = lazy(() => import('@/shared/session/StepUpDialog'))

/** More blocks than this behind the chain, and what is shown may be old news. */
const LAG_WORTH_SAYING = 20

function HeaderWallet() {
  const wallet = useWallet()
  const config = useConfig().data
  const wrong = wallet.status === 'connected' && config !== undefined && wallet.chainId !== config.chain_id
  if (wallet.status === 'connected' && wallet.address) {
    return (
      <button
        type="button"
        className={`btn ${wrong ? 'btn-bad' : 'btn-quiet'}`}
        aria-label={t('Browser wallet {address}', { address: wallet.address })}
        onClick={openWalletDialog}
      >
        {wrong ? t('Wrong network') : <span className="mono">{shortHex(wallet.address)}</span>}
      </button>
    )
  }
  return (
    <button type="button" className="btn btn-quiet" onClick={openWalletDialog}>
      {t('Connect wallet')}
    </button>
  )
}

function ThemeButton() {
  return (
    <button
      type="button"
      className="icon-btn"
      aria-label={t('Light or dark')}
      onClick={() => {
        const { dataset } = document.documentElement
        dataset.theme = dataset.theme === 'dark' ? 'light' : 'dark'
        try {
          localStorage.setItem('tombola.theme', dataset.theme)
        } catch {
          // Without storage the choice lasts until the page closes.
        }
      }}
    >
      <Moon size={20} aria-hidden />
    </button>
  )
}

function Navigation() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const links = [
    { to: '/', name: t('Raffles'), Icon: Ticket, exact: true },
    { to: '/contests', name: t('Contests'), Icon: ListChecks, exact: false },
    { to: '/vesting', name: t('Vesting'), Icon: Sprout, exact: false },
    { to: '/verify', name: t('Verify'), Icon: BadgeCheck, exact: false },
    { to: '/account', name: t('Account'), Icon: UserRound, exact: false },
  ] as const
  return (
    <nav aria-label={t('Main')} className="tabs">
      {links.map(({ to, name, Icon, exact }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact, includeSearch: false }}
          // The raffles live at the root: their pages belong to its tab.
          className={to === '/' && path.startsWith('/raffles/') ? 'active' : undefined}
        >
          <Icon size={20} aria-hidden className="lg:hidden" />
          {name}
        </Link>
      ))}
    </nav>
  )
}

/** What a visitor should know before believing what is shown. */
function Banner() {
  const status = useStatus()
  if (status.isError) {
    return (
      <p role="status" className="banner">
        {status.data
          ? t('The server does not answer. What you see is from before; trying again.')
          : t('The server does not answer. Trying again.')}
      </p>
    )
  }
  const lag = status.data?.listener.lag_blocks ?? 0
  if (lag <= LAG_WORTH_SAYING) return null
  return (
    <p role="status" className="banner">
      {tn(
        lag,
        'This page is {count} block behind the chain and catching up.',
        'This page is {count} blocks behind the chain and catching up.',
      )}
    </p>
  )
}

function Footer() {
  const status = useStatus().data
  const config = useConfig().data
  return (
    <footer className="foot">
      <span>{t('Tombola: draws that anyone can check.')}</span>
      <Suspense fallback={null}>
        <StaffLink />
      </Suspense>
      <span className="num-in" data-testid="as-of-block">
        {config?.chain_name ?? ''}
        {status && ` · ${t('as of block {block}', { block: formatInteger(status.listener.cursor_block) })}`}
        {status?.listener.finalized_block != null &&
          ` · ${t('final to {block}', { block: formatInteger(status.listener.finalized_block) })}`}
      </span>
    </footer>
  )
}

export function Shell() {
  const dialogOpen = useStore(walletDialog)
  const question = useStore(stepUpQuestion)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useEffect(() => {
    // After a change of page the keyboard continues at its content; the first load leaves focus alone.
    if (first.current) first.current = false
    else main.current?.focus({ preventScroll: true })
  }, [path])
  return (
    <>
      <a href="#main" className="skip">
        {t('Skip to content')}
      </a>
      <header>
        <div className="top">
          <Link to="/" className="brand" aria-label={t('Tombola, home')}>
            <img src="/icon.svg" alt="" width={28} height={28} />
            Tombola
          </Link>
          <Navigation />
          <div className="flex items-center gap-1">
            <ThemeButton />
            <HeaderWallet />
          </div>
        </div>
        <div className="wave" aria-hidden />
      </header>
      <Banner />
      <main id="main" ref={main} className="page" tabIndex={-1}>
        <Outlet />
      </main>
      <Footer />
      {dialogOpen && (
        <Suspense fallback={null}>
          <WalletDialog />
        </Suspense>
      )}
      {question && (
        <Suspense fallback={null}>
          <StepUpDialog question={question} />
        </Suspense>
      )}
    </>
  )
}
