/** Terms and privacy notice: which versions count, for who registers and who has an account. */
import { queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { t } from '@/shared/i18n'

export type DocumentVersion = components['schemas']['DocumentVersion']

export const documentName = (subject: DocumentVersion['subject']): string =>
  ({ terms: t('Terms of use'), privacy_notice: t('Privacy notice') })[subject]

export const documentsQuery = queryOptions({
  queryKey: ['documents'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/privacy/documents', { signal })),
})
