import { useQuery } from '@tanstack/react-query'
import type { RaffleDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { parsePass, type Pass } from './actions'

/** The holder's place in what was pasted: a place as the organiser hands it out, or the organiser's whole list. */
export function usePass(
  raffle: RaffleDetail,
  holder: string | undefined,
  text: string,
): { pass: Pass | null; problem: string | null } {
  const config = useConfig().data
  const contract = config?.contracts.Raffle?.address
  const root = raffle.allow_list_root
  const given = root === null ? null : parsePass(text)
  const looked = useQuery({
    queryKey: ['raffles', raffle.id, 'place', holder, text],
    queryFn: async () => {
      if (!config || !contract || !root || !holder) return null
      const { findPass, parseGuests } = await import('./guests')
      const guests = parseGuests(text)
      if (!guests) return null
      const { organiser, allow_list_salt: salt } = raffle
      return findPass(guests, { chainId: config.chain_id, contract, organiser, root, salt, holder })
    },
    enabled: root !== null && given === null && text.trim() !== '' && Boolean(contract && holder),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  })
  if (root === null || given) return { pass: given, problem: null }
  if (looked.data === 'other-list')
    return { pass: null, problem: t('This is not the list that the raffle was created with.') }
  if (looked.data === 'not-listed')
    return { pass: null, problem: t('{holder} is not on this list.', { holder: holder ?? '' }) }
  if (looked.data) return { pass: looked.data, problem: null }
  return {
    pass: null,
    problem: t('Only people on the organiser’s list can buy. Paste your place, or the whole list.'),
  }
}

export function PassField({
  label,
  problem,
  value,
  onChange,
}: {
  label: string
  problem: string | null
  value: string
  onChange: (text: string) => void
}) {
  return (
    <Field label={label} error={problem}>
      {(control) => (
        <textarea
          {...control}
          className="input"
          rows={3}
          spellCheck={false}
          placeholder='{"allowance": "3", "proof": ["0x…"]}'
          value={value}
          onChange={(event) => {
            onChange(event.target.value)
          }}
        />
      )}
    </Field>
  )
}
