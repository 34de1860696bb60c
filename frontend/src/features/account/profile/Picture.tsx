import { useId, useState } from 'react'
import type { Me } from '@/api/types'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { useNewPicture, useRemovePicture } from './mutations'

const MOST_BYTES = 5 * 1024 * 1024
const TYPES = 'image/jpeg,image/png,image/webp,image/gif'

export function Picture({ me }: { me: Me }) {
  const id = useId()
  const [tooLarge, setTooLarge] = useState(false)
  const upload = useNewPicture()
  const remove = useRemovePicture()
  return (
    <Section
      id="picture"
      title={t('Picture')}
      about={t('JPEG, PNG, WebP or GIF of at most 5 MB. It is cut square; nothing else in the file is kept.')}
    >
      <div className="flex flex-wrap items-center gap-4">
        {me.avatar_url ? (
          <img
            src={me.avatar_url}
            alt={t('Your picture')}
            width={96}
            height={96}
            className="size-24 rounded-full"
          />
        ) : (
          <span className="muted">{t('You have no picture.')}</span>
        )}
        <div className="grid gap-1">
          <label htmlFor={id} className="font-semibold">
            {t('Choose a picture')}
          </label>
          <input
            id={id}
            type="file"
            accept={TYPES}
            className="input"
            disabled={upload.isPending}
            onChange={(event) => {
              const file = event.target.files?.[0]
              event.target.value = ''
              if (!file) return
              setTooLarge(file.size > MOST_BYTES)
              if (file.size <= MOST_BYTES) upload.mutate(file)
            }}
          />
        </div>
        {me.avatar_url && (
          <RemoveButton
            what={t('Your picture')}
            label={t('Remove')}
            busy={remove.isPending}
            onRemove={() => {
              remove.mutate()
            }}
          />
        )}
      </div>
      <p role="status" className="muted">
        {upload.isPending && t('Sending the picture')}
      </p>
      {tooLarge && (
        <p role="alert" className="mt-2 text-bad">
          {t('This file is larger than 5 MB. Choose a smaller one.')}
        </p>
      )}
      <Refusal error={upload.error ?? remove.error} />
    </Section>
  )
}
