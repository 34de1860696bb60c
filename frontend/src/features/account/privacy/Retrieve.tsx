import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { TextField } from '@/shared/ui/TextField'
import { useRetrieveKey, type Keystore } from './queries'

const LEAST_PASSPHRASE = 12

/** The passphrase under which the key leaves. */
export function Retrieve({ onKey }: { onKey: (keystore: Keystore) => void }) {
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const retrieve = useRetrieveKey()
  const short =
    passphrase.length < LEAST_PASSPHRASE
      ? t('At least {count} characters.', { count: LEAST_PASSPHRASE })
      : null
  const different = passphrase === again ? null : t('The two are not the same.')
  return (
    <form
      noValidate
      aria-label={t('Take the key')}
      className="grid max-w-md gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (short ?? different) return
        // With `mutateAsync`: the fresh state takes this form away before a callback would be called.
        retrieve.mutateAsync(passphrase).then(onKey, () => undefined)
      }}
    >
      <TextField
        label={t('Passphrase')}
        hint={t(
          'The key leaves encrypted with it. Nobody can open the file without it, and we do not keep it.',
        )}
        error={tried ? short : null}
        type="password"
        autoComplete="new-password"
        value={passphrase}
        onChange={setPassphrase}
      />
      <TextField
        label={t('Passphrase again')}
        error={tried ? different : null}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={setAgain}
      />
      <Refusal error={retrieve.error} />
      <button className="btn btn-main justify-self-start" disabled={retrieve.isPending}>
        {retrieve.isPending ? t('Encrypting the key') : t('Take the key')}
      </button>
    </form>
  )
}
