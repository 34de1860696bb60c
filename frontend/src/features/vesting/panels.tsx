/** What else people can do with a grant: take an offered one, stop a recovery, vote, and hand it on. */
import { useState } from 'react'
import type { Grant } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { ActionButton } from '@/shared/tx/ActionButton'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Address, When } from '@/shared/ui/text'
import { accept, delegate, grantSubject, offer, veto } from './actions'

interface PanelProps {
  grant: Grant
}

/** An offer and a recovery, shown to everybody; only the people they name can act on them. */
function Open({ grant }: PanelProps) {
  const config = useConfig().data
  const { current } = useSigners()
  const isMine = sameAddress(current?.address, grant.beneficiary)
  return (
    <>
      {grant.offered_to && (
        <div className="sheet grid gap-3">
          <h2 className="h2">{t('Offered')}</h2>
          <p>
            {t('May take this grant over:')} <Address value={grant.offered_to} />
          </p>
          {sameAddress(current?.address, grant.offered_to) && (
            <ActionButton subject={grantSubject(grant.id)} action={() => config && accept(config, grant)}>
              {t('Take it over')}
            </ActionButton>
          )}
        </div>
      )}
      {grant.recovery_by && grant.recovery_from && (
        <div className="sheet grid gap-3">
          <h2 className="h2">{t('Recovery')}</h2>
          <p>
            {t('The plan’s creator says that the beneficiary’s key is lost. May take this grant over:')}{' '}
            <Address value={grant.recovery_by} />, {t('from')} <When time={grant.recovery_from} />
          </p>
          {isMine && (
            <ActionButton subject={grantSubject(grant.id)} action={() => config && veto(config, grant)}>
              {t('Stop the recovery')}
            </ActionButton>
          )}
        </div>
      )}
    </>
  )
}

/** A form with one address, whose button makes the action. */
function ToAddress({
  grant,
  label,
  button,
  action,
}: PanelProps & { label: string; button: string; action: typeof offer }) {
  const [text, setText] = useState('')
  const config = useConfig().data
  const to = parseAddress(text)
  return (
    <div className="grid gap-2">
      <AddressField label={label} value={text} onChange={setText} />
      <ActionButton
        subject={grantSubject(grant.id)}
        picker={false}
        quiet
        action={() => (config && to ? action(config, grant, to) : null)}
      >
        {button}
      </ActionButton>
    </div>
  )
}

function Back({ grant, button, action }: PanelProps & { button: string; action: typeof offer }) {
  const config = useConfig().data
  return (
    <ActionButton
      subject={grantSubject(grant.id)}
      picker={false}
      quiet
      action={() => config && action(config, grant, null)}
    >
      {button}
    </ActionButton>
  )
}

export function GrantPanels({ grant }: PanelProps) {
  const { current } = useSigners()
  return (
    <>
      <Open grant={grant} />
      {sameAddress(current?.address, grant.beneficiary) && (
        <>
          <details>
            <summary>{t('Vote with the locked part')}</summary>
            <div className="grid gap-3 pt-2">
              <ToAddress
                grant={grant}
                label={t('Who votes')}
                button={t('Give the votes')}
                action={delegate}
              />
              {grant.delegatee && <Back grant={grant} button={t('Take the votes back')} action={delegate} />}
            </div>
          </details>
          <details>
            <summary>{t('Hand the grant on')}</summary>
            <div className="grid gap-3 pt-2">
              <ToAddress
                grant={grant}
                label={t('New beneficiary, who has to accept')}
                button={t('Offer it')}
                action={offer}
              />
              {grant.offered_to && <Back grant={grant} button={t('Take the offer back')} action={offer} />}
            </div>
          </details>
        </>
      )}
    </>
  )
}
