import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { tn, t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { GetSigner, SignerPicker } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { More } from '@/shared/ui/More'
import { Section } from '@/shared/ui/Section'
import { Empty, Failed, Skeleton } from '@/shared/ui/states'
import { Address, usePageTitle } from '@/shared/ui/text'
import { CLAIMS } from './actions'
import { Offer, Prize, Refund, Release } from './parts'
import { grantsQuery, offeredQuery, participationsQuery } from './queries'

function LookUp({ address }: { address: string | undefined }) {
  const navigate = useNavigate()
  const [text, setText] = useState(address ?? '')
  const found = parseAddress(text)
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (found) void navigate({ to: '/claims', search: { address: found } })
      }}
    >
      <div className="w-full max-w-lg">
        <AddressField label={t('Look up an address')} value={text} onChange={setText} />
      </div>
      <button className="btn btn-quiet" disabled={!found}>
        {t('Look up')}
      </button>
    </form>
  )
}

function Waiting({ address }: { address: string }) {
  const raffles = useInfiniteQuery(participationsQuery(address))
  const grants = useQuery(grantsQuery(address))
  const offered = useQuery(offeredQuery(address))
  const failed = [raffles, grants, offered].find((query) => query.isError && query.data === undefined)
  if (failed) return <Failed error={failed.error} retry={() => void failed.refetch()} />
  if (!raffles.data || !grants.data || !offered.data) return <Skeleton lines={6} />
  const mine = raffles.data.pages.flatMap((page) => page.items)
  const prizes = mine.flatMap(({ raffle, claimable }) => claimable.map((rank) => ({ raffle, rank })))
  const refunds = mine.filter((one) => one.refund_due !== '0')
  const releases = grants.data.items.filter((grant) => grant.releasable !== '0')
  const offers = offered.data.items
  const all = prizes.length + refunds.length + releases.length + offers.length
  return (
    <>
      <p role="status" className="h2">
        {all === 0
          ? t('Nothing waits for this address.')
          : tn(all, '{count} thing waits for this address.', '{count} things wait for this address.')}
      </p>
      {all === 0 && (
        <Empty title={t('No prize, no refund, no vested token.')}>
          <Link to="/" className="link">
            {t('To the raffles')}
          </Link>
        </Empty>
      )}
      {prizes.length > 0 && (
        <Section id="prizes" title={t('Prizes')}>
          <ul className="ruled">
            {prizes.map(({ raffle, rank }) => (
              <Prize key={`${raffle.id} ${rank}`} raffle={raffle} rank={rank} />
            ))}
          </ul>
        </Section>
      )}
      {refunds.length > 0 && (
        <Section id="refunds" title={t('Refunds')} about={t('Each entry pays back exactly what it cost.')}>
          <ul className="ruled">
            {refunds.map((one) => (
              <Refund key={one.raffle.id} one={one} address={address} />
            ))}
          </ul>
        </Section>
      )}
      {(releases.length > 0 || offers.length > 0) && (
        <Section id="vesting" title={t('Vesting')}>
          <ul className="ruled">
            {releases.map((grant) => (
              <Release key={grant.id} grant={grant} />
            ))}
            {offers.map((grant) => (
              <Offer key={grant.id} grant={grant} />
            ))}
          </ul>
        </Section>
      )}
      <More query={raffles} label={t('Look through older raffles')} />
    </>
  )
}

export default function ClaimsPage({ address: asked }: { address: string | undefined }) {
  usePageTitle(t('Claims'))
  const { available, current, pending } = useSigners()
  const address = asked ?? current?.address
  const own = available.some((signer) => sameAddress(signer.address, address))
  return (
    <div className="grid gap-8">
      <header>
        <h1 className="h1">{t('Claims')}</h1>
        <p className="lede mt-2">
          {t(
            'All that waits for an address, over every raffle and every grant. Whoever presses the button, it goes to the address it belongs to.',
          )}
        </p>
        {address && (
          <p className="mt-2 flex flex-wrap items-center gap-x-3">
            <Address value={address} you={own} />
            {asked && current && !own && (
              <Link to="/claims" search={{}} className="link inline-flex min-h-11 items-center">
                {t('Show mine')}
              </Link>
            )}
          </p>
        )}
      </header>
      {available.length > 0 ? <SignerPicker /> : pending ? null : <GetSigner />}
      {address ? (
        <Waiting key={`of ${address}`} address={address} />
      ) : pending ? (
        <Skeleton />
      ) : (
        <p>{t('Connect a wallet or sign in to see what waits for you, or look up any address.')}</p>
      )}
      <TransactionStages subject={CLAIMS} />
      <LookUp key={`look up ${asked ?? ''}`} address={asked} />
      <p className="small muted max-w-prose">
        {t(
          'Prizes of contests are not listed here: who stands at which place is the organiser’s list, not the chain’s. Look yourself up on the contest’s page.',
        )}{' '}
        <Link to="/contests" className="link">
          {t('To the contests')}
        </Link>
      </p>
    </div>
  )
}
