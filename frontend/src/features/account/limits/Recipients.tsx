import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatDuration } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { Address, When } from '@/shared/ui/text'
import { TextField } from '@/shared/ui/TextField'
import { withAllowList, type Policy, type Recipient } from './policy'
import { recipientsQuery, useChangePolicy, useForgetRecipient, useListRecipient } from './queries'

/** Whether an address may receive now, and if not, since when it may. */
function Standing({ recipient, onlyListed }: { recipient: Recipient; onlyListed: boolean }) {
  const now = useNow()
  if (onlyListed && !recipient.listed) return <>{t('Not on your list: it may not receive.')}</>
  if (new Date(recipient.usable_from).getTime() <= now) return <>{t('May receive')}</>
  return (
    <>
      {t('May receive from')} <When time={recipient.usable_from} />
    </>
  )
}

function Row({ recipient, onlyListed }: { recipient: Recipient; onlyListed: boolean }) {
  const forget = useForgetRecipient()
  const list = useListRecipient()
  const name = recipient.label ?? recipient.address
  return (
    <li className="flex flex-wrap items-center justify-between gap-2">
      <span className="min-w-0">
        {recipient.label && <b className="block wrap-anywhere">{recipient.label}</b>}
        <Address value={recipient.address} />
        <span className="small muted block">
          {recipient.listed ? t('On your list') : t('Named once')}
          {' · '}
          <Standing recipient={recipient} onlyListed={onlyListed} />
        </span>
      </span>
      <span className="flex flex-wrap gap-2">
        {!recipient.listed && (
          <button
            type="button"
            className="btn btn-quiet"
            aria-label={t('Put on my list: {name}', { name })}
            disabled={list.isPending}
            onClick={() => {
              list.mutate({ address: recipient.address, label: recipient.label ?? '' })
            }}
          >
            {t('Put on my list')}
          </button>
        )}
        <RemoveButton
          what={name}
          label={t('Forget')}
          busy={forget.isPending}
          onRemove={() => {
            forget.mutate(recipient.address)
          }}
        />
      </span>
      <Refusal error={forget.error ?? list.error} />
    </li>
  )
}

function NewRecipient() {
  const [address, setAddress] = useState('')
  const [label, setLabel] = useState('')
  const list = useListRecipient()
  const whole = parseAddress(address)
  return (
    <form
      noValidate
      aria-label={t('Put an address on my list')}
      className="mt-6 grid max-w-md gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (whole === null) return
        list.mutate(
          { address: whole, label: label.trim() },
          {
            onSuccess: () => {
              setAddress('')
              setLabel('')
            },
          },
        )
      }}
    >
      <AddressField label={t('Address')} value={address} onChange={setAddress} />
      <TextField label={t('What to call it')} most={100} value={label} onChange={setLabel} />
      <Refusal error={list.error} />
      <button className="btn btn-quiet justify-self-start" disabled={list.isPending || whole === null}>
        {list.isPending ? t('One moment') : t('Put on my list')}
      </button>
    </form>
  )
}

function OnlyListed({ policy }: { policy: Policy }) {
  const change = useChangePolicy()
  return (
    <div>
      <label className="check">
        <input
          type="checkbox"
          checked={policy.allow_list_only}
          disabled={change.isPending}
          onChange={() => {
            change.mutate(withAllowList(policy, !policy.allow_list_only))
          }}
        />
        {t('Pay listed addresses only')}
      </label>
      <Refusal error={change.error} />
    </div>
  )
}

/** To whom the wallet may pay. */
export function Recipients({ policy }: { policy: Policy }) {
  const recipients = useQuery(recipientsQuery)
  return (
    <Section
      id="recipients"
      title={t('To whom')}
      about={
        policy.waiting_seconds > 0
          ? t('A new recipient may receive after {time}; a mail tells you of each.', {
              time: formatDuration(policy.waiting_seconds),
            })
          : t('A new recipient may receive at once; a mail tells you of each.')
      }
    >
      <OnlyListed policy={policy} />
      <Loaded query={recipients}>
        {({ items }) =>
          items.length > 0 ? (
            <ul className="ruled mt-4">
              {items.map((recipient) => (
                <Row key={recipient.address} recipient={recipient} onlyListed={policy.allow_list_only} />
              ))}
            </ul>
          ) : (
            <Empty title={t('You have named no address yet.')}>
              {t('Put addresses you pay often on your list: their waiting time begins at once.')}
            </Empty>
          )
        }
      </Loaded>
      <NewRecipient />
    </Section>
  )
}
