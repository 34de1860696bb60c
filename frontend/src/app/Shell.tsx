import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { BadgeCheck, ListChecks, Moon, Sprout, Ticket, UserRound, Wallet } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useKeptAt } from '@/shared/api/kept'
import { useChainAwaySince, useLag } from '@/shared/api/lag'
import { useConfig, useStatus } from '@/shared/api/queries'
import { formatTime, shortHex } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { adoptLanguage } from '@/shared/i18n/language'
import { useSession } from '@/shared/session/session'
import { stepUpQuestion } from '@/shared/session/step-up'
import { toggleTheme } from '@/shared/store/appearance'
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
      <button type="button" className={`btn ${wrong ? 'btn-bad' : 'btn-quiet'}`} onClick={openWalletDialog}>
        {wrong ? (
          t('Wrong network')
        ) : (
          <>
            <span className="sr-only">{t('Browser wallet')}</span>
            <span className="mono">{shortHex(wallet.address)}</span>
          </>
        )}
      </button>
    )
  }
  return (
    <button type="button" className="btn btn-quiet max-[26rem]:px-3" onClick={openWalletDialog}>
      <Wallet size={18} aria-hidden className="min-[26rem]:hidden" />
      <span className="max-[26rem]:sr-only">{t('Connect wallet')}</span>
    </button>
  )
}

function ThemeButton() {
  return (
    <button type="button" className="icon-btn" aria-label={t('Light or dark')} onClick={toggleTheme}>
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
  const kept = useKeptAt()
  const lag = useLag() ?? 0
  const away = useChainAwaySince()
  if (kept !== null) {
    return (
      <p role="status" className="banner">
        {t('The server does not answer. Shown as of {time}; trying again.', { time: formatTime(kept) })}
      </p>
    )
  }
  if (status.isError) {
    return (
      <p role="status" className="banner">
        {status.data
          ? t('The server does not answer. What you see is from before; trying again.')
          : t('The server does not answer. Trying again.')}
      </p>
    )
  }
  if (away !== null) {
    return (
      <p role="status" className="banner">
        {t(
          'The chain has not answered since {time}. What you see is as of then; what a Tombola wallet is asked to send waits.',
          { time: formatTime(away) },
        )}
      </p>
    )
  }
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
      <nav aria-label={t('More')} className="flex flex-wrap gap-x-4">
        <Link to="/tokens" className="link inline-flex min-h-11 items-center">
          {t('Tokens')}
        </Link>
        <Link to="/governance" className="link inline-flex min-h-11 items-center">
          {t('Governance')}
        </Link>
        <Link to="/claims" className="link inline-flex min-h-11 items-center">
          {t('Claims')}
        </Link>
        <Link to="/backing" className="link inline-flex min-h-11 items-center">
          {t('Proof of backing')}
        </Link>
        <Link to="/status" className="link inline-flex min-h-11 items-center">
          {t('Status')}
        </Link>
        <Link to="/settings" className="link inline-flex min-h-11 items-center">
          {t('Language and settings')}
        </Link>
        <Suspense fallback={null}>
          <StaffLink />
        </Suspense>
      </nav>
      <span className="num-in" data-testid="as-of-block">
        {config?.chain_name ?? ''}
        {status && ` · ${t('as of block {block}', { block: formatInteger(status.listener.cursor_block) })}`}
        {status?.listener.finalized_block != null &&
          ` · ${t('final to {block}', { block: formatInteger(status.listener.finalized_block) })}`}
      </span>
    </footer>
  )
}

/** Somebody who signs in reads the language of the account, unless another one was chosen here. */
function useLanguageOfAccount(): void {
  const locale = useSession().me?.locale
  useEffect(() => {
    if (locale) void adoptLanguage(locale)
  }, [locale])
}

export function Shell() {
  useLanguageOfAccount()
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
