import { useInfiniteQuery } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { ApiProblem } from '@/shared/api/problem'
import { formatCents } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { More } from '@/shared/ui/More'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { leaveFor } from './leave'
import { invoicesQuery, useOpenPortal } from './queries'

type Invoice = components['schemas']['InvoiceOut']

/** Stripe's words. */
function statusText(status: string | null): string {
  switch (status) {
    case 'paid':
      return t('Paid')
    case 'open':
      return t('Open')
    case 'draft':
      return t('Being made')
    case 'void':
      return t('Cancelled')
    case 'uncollectible':
      return t('Not paid')
    default:
      return status ?? ''
  }
}

function Row({ invoice }: { invoice: Invoice }) {
  const name = invoice.number ?? invoice.id
  return (
    <tr>
      <td data-label={t('Invoice')}>{name}</td>
      <td data-label={t('When')}>
        <When time={invoice.created_at} exact={false} />
      </td>
      <td data-label={t('State')}>{statusText(invoice.status)}</td>
      <td data-label={t('Sum')} className="num-in lg:text-end">
        {formatCents(invoice.total, invoice.currency)}
      </td>
      <td>
        <span className="flex flex-wrap gap-4">
          {invoice.page_url && (
            <a
              className="link inline-flex min-h-11 items-center"
              href={invoice.page_url}
              target="_blank"
              rel="noreferrer"
              aria-label={t('Show invoice {name}', { name })}
            >
              {t('Show')}
            </a>
          )}
          {invoice.pdf_url && (
            <a
              className="link inline-flex min-h-11 items-center"
              href={invoice.pdf_url}
              aria-label={t('Invoice {name} as PDF', { name })}
            >
              {t('PDF')}
            </a>
          )}
        </span>
      </td>
    </tr>
  )
}

function Portal() {
  const portal = useOpenPortal()
  return (
    <div className="mt-4">
      <button
        type="button"
        className="btn btn-quiet"
        disabled={portal.isPending}
        onClick={() => {
          portal.mutateAsync(undefined).then(
            ({ url }) => {
              leaveFor(url)
            },
            () => undefined,
          )
        }}
      >
        {portal.isPending ? t('One moment') : t('Your pages at Stripe: cards and address')}
      </button>
      <Refusal error={portal.error} />
    </div>
  )
}

/** Stripe's invoices. Where nothing can be bought there are none to ask for. */
export function Invoices() {
  const invoices = useInfiniteQuery(invoicesQuery)
  const { error } = invoices
  // An answer of the API, which is there: Stripe is away, or was never set up.
  const away = error instanceof ApiProblem && error.status === 503 && invoices.data === undefined
  return (
    <Section id="invoices" title={t('Invoices')}>
      {away ? (
        <Refusal error={error} />
      ) : (
        <Loaded query={invoices}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            if (items.length === 0)
              return <Empty title={t('There is no invoice yet.')}>{t('They come with what you buy.')}</Empty>
            return (
              <>
                <table className="stack w-full">
                  <caption className="sr-only">{t('Invoices, newest first')}</caption>
                  <thead>
                    <tr>
                      <th scope="col">{t('Invoice')}</th>
                      <th scope="col">{t('When')}</th>
                      <th scope="col">{t('State')}</th>
                      <th scope="col" className="lg:text-end">
                        {t('Sum')}
                      </th>
                      <th scope="col">
                        <span className="sr-only">{t('Documents')}</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((invoice) => (
                      <Row key={invoice.id} invoice={invoice} />
                    ))}
                  </tbody>
                </table>
                <More query={invoices} label={t('Show earlier ones')} />
                <Portal />
              </>
            )
          }}
        </Loaded>
      )}
    </Section>
  )
}
