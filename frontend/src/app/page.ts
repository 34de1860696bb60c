import { lazyRouteComponent } from '@tanstack/react-router'
import { unreachable } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { isServerThere } from './offline/register'

/** A page whose code comes when it is asked for. By itself the router would reload for code that does not come, and a server
 * that is down would leave nothing of what is open.
 */
export function page<Module extends object, Name extends keyof Module & string = 'default' & keyof Module>(
  load: () => Promise<Module>,
  name?: Name,
) {
  return lazyRouteComponent(async () => {
    try {
      return await load()
    } catch {
      throw (await isServerThere()) ? new Error(t('Something unexpected happened.')) : unreachable()
    }
  }, name)
}
