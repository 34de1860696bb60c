import type { Config } from '@/api/types'
import { formatDuration } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { AddressField } from '@/shared/ui/AddressField'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { TimeField } from '@/shared/ui/TimeField'
import type { Feed } from './actions'
import type { Problems, RaffleForm } from './terms'

interface FieldsProps {
  form: RaffleForm
  problems: Partial<Problems>
  config: Config
  change: (part: Partial<RaffleForm>) => void
}

/** What a ticket costs, and in what. */
export function PriceFields({ form, problems, config, change, feed }: FieldsProps & { feed: Feed | null }) {
  return (
    <>
      <SelectField
        label={t('Tickets are paid in')}
        value={form.payment}
        choices={[
          { value: 'native', name: config.currency.symbol },
          { value: 'token', name: t('Token (ERC-20)') },
        ]}
        onChange={(payment) => {
          change({ payment, inDollars: false })
        }}
      />
      {form.payment === 'token' && (
        <AddressField
          label={t('Address of the payment token')}
          hint={t('Tokens that take a fee on the way, or change balances by themselves, are refused.')}
          value={form.paymentToken}
          error={problems.paymentToken}
          onChange={(paymentToken) => {
            change({ paymentToken, inDollars: false })
          }}
        />
      )}
      {feed && (
        <label className="check">
          <input
            type="checkbox"
            checked={form.inDollars}
            onChange={(event) => {
              change({ inDollars: event.target.checked })
            }}
          />
          {t(
            'The price is in US dollars: a price feed, at most {age} old, says what that is at each purchase.',
            {
              age: formatDuration(feed.maxAge),
            },
          )}
        </label>
      )}
      <TextField
        label={form.inDollars ? t('Price of a ticket in US dollars') : t('Price of a ticket')}
        inputMode="decimal"
        value={form.price}
        error={problems.price}
        onChange={(price) => {
          change({ price })
        }}
      />
    </>
  )
}

/** When the sale ends, and how many tickets there are. */
export function SaleFields({ form, problems, change }: FieldsProps) {
  return (
    <>
      <TimeField
        label={t('The sale ends')}
        value={form.closes}
        error={problems.closes}
        onChange={(closes) => {
          change({ closes })
        }}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          label={t('Least tickets')}
          hint={t('With fewer sold at the end, everybody is paid back.')}
          inputMode="numeric"
          value={form.least}
          error={problems.least}
          onChange={(least) => {
            change({ least })
          }}
        />
        <TextField
          label={t('Most tickets')}
          hint={t('The sale also ends when all are sold.')}
          inputMode="numeric"
          value={form.most}
          error={problems.most}
          onChange={(most) => {
            change({ most })
          }}
        />
      </div>
      <TextField
        label={t('Most tickets of one buyer')}
        hint={t('0 for no limit.')}
        inputMode="numeric"
        value={form.perBuyer}
        error={problems.perBuyer}
        onChange={(perBuyer) => {
          change({ perBuyer })
        }}
      />
    </>
  )
}
