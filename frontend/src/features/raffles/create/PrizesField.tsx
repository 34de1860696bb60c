import type { Config } from '@/api/types'
import { t } from '@/shared/i18n'
import { AddressField } from '@/shared/ui/AddressField'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { NEW_PRIZE, type PrizeForm, type PrizeProblems } from './terms'

function OnePrize({
  prize,
  number,
  problems,
  only,
  config,
  onChange,
  onRemove,
}: {
  prize: PrizeForm
  number: number
  problems: PrizeProblems
  only: boolean
  config: Config
  onChange: (part: Partial<PrizeForm>) => void
  onRemove: () => void
}) {
  return (
    <fieldset className="grid gap-4 border-b border-line pb-5">
      <legend className="font-semibold">{t('Prize {number}', { number })}</legend>
      <SelectField
        label={t('Kind')}
        value={prize.kind}
        choices={[
          { value: 'native', name: config.currency.symbol },
          { value: 'erc20', name: t('Token (ERC-20)') },
          { value: 'erc721', name: t('NFT (ERC-721)') },
        ]}
        onChange={(kind) => {
          onChange({ kind })
        }}
      />
      {prize.kind !== 'native' && (
        <AddressField
          label={t('Token’s address')}
          value={prize.token}
          error={problems.token}
          onChange={(token) => {
            onChange({ token })
          }}
        />
      )}
      {prize.kind === 'erc721' ? (
        <TextField
          label={t('NFT’s number')}
          inputMode="numeric"
          value={prize.tokenId}
          error={problems.tokenId}
          onChange={(tokenId) => {
            onChange({ tokenId })
          }}
        />
      ) : (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t('Amount')}
            inputMode="decimal"
            value={prize.amount}
            error={problems.amount}
            onChange={(amount) => {
              onChange({ amount })
            }}
          />
          <TextField
            label={t('How many of these')}
            inputMode="numeric"
            value={prize.copies}
            error={problems.copies}
            onChange={(copies) => {
              onChange({ copies })
            }}
          />
        </div>
      )}
      {!only && (
        <button
          type="button"
          className="btn btn-quiet justify-self-start"
          aria-label={t('Remove prize {number}', { number })}
          onClick={onRemove}
        >
          {t('Remove')}
        </button>
      )}
    </fieldset>
  )
}

/** The prizes in order: the first goes to the first rank. */
export function PrizesField({
  prizes,
  problems,
  error,
  config,
  onChange,
}: {
  prizes: readonly PrizeForm[]
  problems: readonly PrizeProblems[]
  error: string | null | undefined
  config: Config
  onChange: (prizes: PrizeForm[]) => void
}) {
  return (
    <div className="grid gap-5">
      {prizes.map((prize, at) => (
        <OnePrize
          key={at}
          prize={prize}
          number={at + 1}
          problems={problems[at] ?? {}}
          only={prizes.length === 1}
          config={config}
          onChange={(part) => {
            onChange(prizes.map((one, other) => (other === at ? { ...one, ...part } : one)))
          }}
          onRemove={() => {
            onChange(prizes.filter((_, other) => other !== at))
          }}
        />
      ))}
      {error && (
        <p role="alert" className="text-bad">
          {error}
        </p>
      )}
      <button
        type="button"
        className="btn btn-quiet justify-self-start"
        onClick={() => {
          onChange([...prizes, NEW_PRIZE])
        }}
      >
        {t('Add a prize')}
      </button>
    </div>
  )
}
