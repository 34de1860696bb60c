import { t } from '@/shared/i18n'
import { AddressField } from '@/shared/ui/AddressField'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { featureName, FEATURES } from '../features'
import { hasAdmin, type Problems, type TokenForm } from './terms'

interface FieldsProps {
  form: TokenForm
  problems: Partial<Problems>
  change: (part: Partial<TokenForm>) => void
}

/** What the token is called, and how much of it there is. */
export function NameFields({ form, problems, change }: FieldsProps) {
  return (
    <>
      <div className="grid gap-5 sm:grid-cols-[1fr_10rem]">
        <TextField
          label={t('Name')}
          value={form.name}
          error={problems.name}
          onChange={(name) => {
            change({ name })
          }}
        />
        <TextField
          label={t('Symbol')}
          value={form.symbol}
          error={problems.symbol}
          onChange={(symbol) => {
            change({ symbol })
          }}
        />
      </div>
      <SelectField
        label={t('Kind')}
        hint={
          form.kind === 'token'
            ? t(
                'Signatures, votes and the features below. Delegated balances and locked grants vote; a governor over it is deployed apart, not by the factory.',
              )
            : t('Fixed supply for ever, no roles, no votes.')
        }
        value={form.kind}
        choices={[
          { value: 'token', name: t('Full token, with votes') },
          { value: 'plain', name: t('Plain token') },
        ]}
        onChange={(kind) => {
          change({ kind })
        }}
      />
      <TextField
        label={t('Supply at creation')}
        hint={t('In whole tokens; each has 18 decimals.')}
        inputMode="decimal"
        value={form.supply}
        error={problems.supply}
        onChange={(supply) => {
          change({ supply })
        }}
      />
    </>
  )
}

/** What a full token may do for its whole life, and who rules it. */
export function FeatureFields({ form, problems, change }: FieldsProps) {
  return (
    <>
      <fieldset className="grid">
        <legend className="font-semibold">{t('Features, fixed for ever')}</legend>
        {FEATURES.map((feature) => (
          <label key={feature} className="check">
            <input
              type="checkbox"
              checked={form.features.includes(feature)}
              onChange={(event) => {
                change({
                  features: FEATURES.filter((one) =>
                    one === feature ? event.target.checked : form.features.includes(one),
                  ),
                })
              }}
            />
            {featureName(feature)}
          </label>
        ))}
      </fieldset>
      <TextField
        label={t('Most there can be')}
        hint={t('Empty for no cap.')}
        inputMode="decimal"
        value={form.cap}
        error={problems.cap}
        onChange={(cap) => {
          change({ cap })
        }}
      />
      {hasAdmin(form) && (
        <AddressField
          label={t('Admin')}
          hint={t('Gives out the roles of these features. Empty: your wallet.')}
          value={form.admin}
          error={problems.admin}
          onChange={(admin) => {
            change({ admin })
          }}
        />
      )}
    </>
  )
}

export function RecipientField({ form, problems, change }: FieldsProps) {
  return (
    <AddressField
      label={t('Recipient')}
      hint={t('Gets the supply, less what goes into vesting. Empty: your wallet.')}
      value={form.recipient}
      error={problems.recipient}
      onChange={(recipient) => {
        change({ recipient })
      }}
    />
  )
}
