/** A bundle from a file: checked by itself at once, and against the chain where this site knows it. */
import { useState, type DragEvent } from 'react'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Notice } from '@/shared/ui/states'
import { Serial } from '@/shared/ui/text'
import type { BundleHead } from './bundle'
import { deployedWith } from './deployed'
import { VerifyView } from './VerifyView'
import type { Question } from './worker'

export interface Chosen {
  file: File
  head: Pick<BundleHead, 'chain_id' | 'contract' | 'contest_id' | 'title'>
}

/** Reads a file's head; throws in words what is wrong with it. What reads bundles comes with the first file. */
async function choose(file: File): Promise<Chosen> {
  const { parseBundle } = await import('./bundle')
  const { chain_id, contract, contest_id, title } = parseBundle(await file.text())
  return { file, head: { chain_id, contract, contest_id, title } }
}

export function BundlePicker({ onChoose }: { onChoose: (chosen: Chosen) => void }) {
  const [problem, setProblem] = useState<string | null>(null)
  const take = (file: File | undefined) => {
    setProblem(null)
    if (!file) return
    choose(file).then(onChoose, (error: unknown) => {
      setProblem(error instanceof Error ? error.message : t('The file could not be read.'))
    })
  }
  return (
    <div
      onDragOver={(event: DragEvent) => {
        event.preventDefault()
      }}
      onDrop={(event: DragEvent) => {
        event.preventDefault()
        take(event.dataTransfer.files[0])
      }}
      className="border border-dashed border-line p-4"
    >
      <Field
        label={t('Proof bundle of a contest')}
        hint={t('Choose the file or drop it here. It is checked in your browser and sent nowhere.')}
        error={problem}
      >
        {(control) => (
          <input
            {...control}
            className="input"
            type="file"
            accept=".json,application/json"
            onChange={(event) => {
              take(event.target.files?.[0])
            }}
          />
        )}
      </Field>
    </div>
  )
}

export function BundleCheck({ chosen, onClose }: { chosen: Chosen; onClose: () => void }) {
  const { file, head } = chosen
  const config = useConfig()
  const [withChain, setWithChain] = useState(false)
  const known = config.data?.contracts.Contest
  const isKnown =
    config.data?.chain_id === head.chain_id && known?.address.toLowerCase() === head.contract.toLowerCase()
  const question: Question = {
    kind: 'contest',
    node: withChain && config.data ? { url: config.data.rpc_url, chainId: config.data.chain_id } : null,
    contract: head.contract as `0x${string}`,
    fromBlock: known?.first_block ?? 0,
    bundleUrl: '',
    deployed: isKnown && config.data ? deployedWith(config.data) : { coordinator: null, beaconKey: null },
    server: null,
  }
  return (
    <VerifyView
      question={question}
      file={file}
      header={
        <>
          {head.contest_id !== null && <Serial number={head.contest_id} />}
          <h1 className="h1">{t('Does this bundle hold?')}</h1>
          <p className="lede mt-2">
            <b className="text-ink" dir="auto">
              {head.title}.{' '}
            </b>
            {withChain
              ? t('Your browser repeats the draw and compares every fact in the file with the chain.')
              : t(
                  'Your browser repeats the draw from the file alone. What only the chain can tell is marked.',
                )}
          </p>
          <div className="mt-3 flex flex-wrap items-center gap-3">
            {isKnown ? (
              <label className="check">
                <input
                  type="checkbox"
                  role="switch"
                  checked={withChain}
                  onChange={(event) => {
                    setWithChain(event.target.checked)
                  }}
                />
                <b>{t('Ask the chain too')}</b>
              </label>
            ) : (
              <Notice tone="bad">
                <p>
                  {t(
                    'The bundle is of another chain or contract than this site’s: {contract} on chain {chain}. Only the file is checked.',
                    { contract: head.contract, chain: head.chain_id },
                  )}
                </p>
              </Notice>
            )}
            <button type="button" className="btn btn-quiet" onClick={onClose}>
              {t('Another file')}
            </button>
          </div>
        </>
      }
    />
  )
}
