import { Link, type LinkProps } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { obstacleText } from './obstacle-words'
import type { Obstacle } from './queries'

/** Where an obstacle is settled; support settles the others. */
function remedy(code: Obstacle['code']): { to: LinkProps['to']; name: string } | null {
  switch (code) {
    case 'balance':
    case 'tokens':
      return { to: '/account', name: t('To your wallet') }
    case 'prizes':
    case 'refunds':
    case 'draws':
      return { to: '/account', name: t('To your raffles') }
    case 'grants':
      return { to: '/vesting', name: t('To your grants') }
    case 'contests':
      return { to: '/contests', name: t('To your contests') }
    case 'intents':
      return { to: '/account/activity', name: t('To your activity') }
    case 'credits':
      return { to: '/account/credits', name: t('To your credits') }
    default:
      return null
  }
}

/** What has to be settled first, each with the way to it. */
export function Obstacles({ obstacles }: { obstacles: readonly Obstacle[] }) {
  return (
    <ul className="ruled mt-3">
      {obstacles.map((one) => {
        const way = remedy(one.code)
        return (
          <li key={one.code} className="flex flex-wrap items-center justify-between gap-x-6">
            <span className="wrap-anywhere">{obstacleText(one)}</span>
            {way && (
              <Link to={way.to} className="link inline-flex min-h-11 items-center">
                {way.name}
              </Link>
            )}
          </li>
        )
      })}
    </ul>
  )
}
