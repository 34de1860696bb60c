import { t, tn } from '@/shared/i18n'
import { platformName } from '../words'
import type { ConnectionsSearch } from './search'

/** What came of connecting, as a sentence; null where nobody comes back from a platform. */
export function outcomeOf({ platform, connected, connection_refused }: ConnectionsSearch): {
  ok: boolean
  sentence: string
} | null {
  if (connected !== undefined) {
    const count = connected.split(',').length
    return {
      ok: true,
      sentence: tn(count, '{count} account is connected.', '{count} accounts are connected.'),
    }
  }
  if (connection_refused === undefined) return null
  return {
    ok: false,
    sentence: refusal(connection_refused, platform ? platformName(platform) : t('the platform')),
  }
}

function refusal(code: string, platform: string): string {
  switch (code) {
    case 'denied':
      return t('You did not agree at {platform}, so nothing is connected.', { platform })
    case 'attempt_unknown':
      return t('This attempt is over: it is good for one return within ten minutes. Connect again.')
    case 'other_browser':
      return t('You came back in another browser than you began in. Connect again, in one browser.')
    case 'not_allowed':
      return t(
        '{platform} does not allow it: the account lacks a permission, or is not of the kind it asks for.',
        {
          platform,
        },
      )
    case 'access_ended':
      return t('{platform} did not accept the access it had just given. Connect again.', { platform })
    case 'platform_away':
      return t('{platform} does not answer. Connect again in some minutes.', { platform })
    case 'rate_limited':
      return t('{platform} asks to wait: too many have asked. Connect again later.', { platform })
    case 'too_many_connections':
      return t('You have as many connected accounts as there may be. Remove one, then connect again.')
    case 'unexpected_answer':
      return t(
        '{platform} answered something we do not understand. Connect again; if it stays so, tell the operator.',
        {
          platform,
        },
      )
    default:
      return t('Nothing is connected: {platform} answered “{code}”.', { platform, code })
  }
}
