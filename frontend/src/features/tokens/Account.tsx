import type { Config } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { Address } from '@/shared/ui/text'

/** Which contract of ours stands at an address. */
const contractName = (config: Config | undefined, address: string): string | undefined =>
  Object.entries(config?.contracts ?? {}).find(([, one]) => sameAddress(one.address, address))?.[0]

/** An address of the token's holders: one's own and our contracts' are told. */
export function Account({ address }: { address: string }) {
  const name = contractName(useConfig().data, address)
  const { available } = useSigners()
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <Address value={address} you={available.some((signer) => sameAddress(signer.address, address))} />
      {name && <span className="small muted">{t('contract {name}', { name })}</span>}
    </span>
  )
}
