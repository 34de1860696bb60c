import { useQuery } from '@tanstack/react-query'
import { t } from '@/shared/i18n'
import { Loaded } from '@/shared/ui/states'
import { Address, When } from '@/shared/ui/text'
import { openWalletDialog } from '@/shared/wallet/dialog-state'
import { useWallet } from '@/shared/wallet/store'
import { useLinkWallet, useUnlink } from './mutations'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { linksQuery } from './queries'

export function Links() {
  const links = useQuery(linksQuery)
  const link = useLinkWallet()
  const unlink = useUnlink()
  const { address } = useWallet()
  return (
    <Section
      id="links"
      title={t('Linked wallets')}
      about={t('Wallets of your own. Linking asks the wallet to sign a message; it costs nothing.')}
    >
      <Loaded query={links}>
        {({ items }) =>
          items.length > 0 && (
            <ul className="ruled mb-4">
              {items.map((item) => (
                <li key={item.id} className="flex flex-wrap items-center justify-between gap-2">
                  <span>
                    <Address value={item.address} />
                    <span className="small muted block">
                      {t('Linked')} <When time={item.created_at} exact={false} />
                    </span>
                  </span>
                  <RemoveButton
                    what={item.address}
                    label={t('Unlink')}
                    busy={unlink.isPending}
                    onRemove={() => {
                      unlink.mutate(item.id)
                    }}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {address ? (
        <button
          type="button"
          className="btn btn-quiet"
          disabled={link.isPending || links.data?.items.some((item) => item.address === address)}
          onClick={() => {
            link.mutate(address)
          }}
        >
          {link.isPending ? t('Sign the message in your wallet') : t('Link the connected wallet')}
        </button>
      ) : (
        <button type="button" className="btn btn-quiet" onClick={openWalletDialog}>
          {t('Connect a wallet')}
        </button>
      )}
      <Refusal error={link.error ?? unlink.error} />
    </Section>
  )
}
