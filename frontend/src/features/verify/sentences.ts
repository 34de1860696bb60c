import { t, tn } from '@/shared/i18n'
import type { Check, Why } from './check'

/** What a check proves, for a person who knows nothing of hashes. */
export function checkTitle(check: Check): string {
  switch (check.id) {
    case 'chain':
      return t('The node answers for the right chain, and the contract is there')
    case 'terms':
      return t('Price, limits and prizes are the ones fixed at the start')
    case 'entries':
      return t('The tickets are numbered without gap or overlap, and every one was paid')
    case 'sale-over':
      return t('No ticket was sold after the close or after the draw was requested')
    case 'details':
      return t('Rules, list file and post are the ones committed on the chain')
    case 'contest-key':
      return t('The contest’s key is made of the organiser, the post and a salt used once')
    case 'exclusions':
      return t('Who was left out was fixed before the draw, each public reason included')
    case 'facts':
      return t('What the bundle tells of the chain is what the chain holds')
    case 'root':
      return t('The published list hashes add up to the root on the chain')
    case 'commitment':
      return t('List, places and rules are the ones committed before the random number was known')
    case 'draw-number':
      return t('How many draws this organiser has made for this post')
    case 'round':
      return t('The deciding drand round was fixed by the moment of the request, and comes after it')
    case 'vrf':
      return t('Chainlink’s word arrived before the cut-off, or was left out')
    case 'vrf-request':
      return t('Chainlink’s known coordinator was asked, by this contract and with a key it accepts')
    case 'vrf-proof':
      return t(
        'Chainlink’s proof holds: its key gives this word, and no other, for this request and its block',
      )
    case 'drand':
      return t('drand’s signature of that round is valid, and the drand number is its hash')
    case 'drand-key':
      return t('The contract’s beacon holds drand’s public key')
    case 'seed':
      return t('The seed follows from chain, contract, draw, commitment and both random numbers')
    case 'winners':
      return t('TOMBOLA-1, applied to the seed here, draws the same numbers as the contract')
    case 'owners':
      return t('Every prize paid so far went to the holder of the winning ticket')
    case 'openings':
      return t('Every drawn account stands in the committed list, at its number')
    case 'repeats':
      return t('No entry of the weighted list wins twice: the chain knows every repeated place')
    case 'claims':
      return t('Every prize paid so far went to the entry that stands at its place')
    case 'disqualified':
      return t('Disqualified places are on the chain with their reason')
    case 'server':
      return t('This site shows the same winners')
  }
}

const CHECKED_ON_CHAIN = () =>
  t(
    'The coordinator checked the proof itself before it passed the word on; only here that could not be repeated.',
  )

/** Which check could not be made, and why. */
function whyNot(why: Why): string {
  switch (why) {
    case 'no-request':
      return t('Not checked: the node does not give the coordinator’s log of the request. Another node may.')
    case 'no-transaction':
      return `${t('Not checked: the node does not give the transaction that answered.')} ${CHECKED_ON_CHAIN()}`
    case 'no-proof':
      return `${t('Not checked: the proof is not in the call data of the transaction that answered.')} ${CHECKED_ON_CHAIN()}`
    case 'no-signature':
      return `${t('Not checked: the signature is not in the call data of the transaction that set the seed, or the node does not give it.')} ${t('The contract checked the BLS signature itself before it accepted it.')}`
    case 'no-node':
      return t('Not checked: the file alone cannot prove it. A node of the chain can.')
    case 'no-rounds':
      return t('Not checked: the file does not tell when the beacon’s rounds come.')
    case 'no-known-key':
      return t('Not checked: no key is known for this chain.')
    case 'no-known-coordinator':
      return t('Not checked: no coordinator is known for this chain.')
    case 'key-not-registered':
      return t('Not checked: the coordinator no longer accepts this key; it may have been retired since.')
  }
}

/** What was found, beside its title. */
export function checkDetail(check: Check): string | null {
  const { id, outcome, found, why } = check
  if (id === 'repeats' && outcome === 'later')
    return tn(
      BigInt(found ?? 0),
      '{count} place repeats an entry and was not taken out on the chain yet: anybody may prove it.',
      '{count} places repeat an entry and were not taken out on the chain yet: anybody may prove it.',
    )
  if (outcome === 'later') return t('Not yet: the draw has not come this far.')
  if (why) return whyNot(why)
  if (id === 'vrf' && outcome === 'ok' && found && BigInt(found) === 0n) {
    return t('No word came in time: drand alone decided.')
  }
  if (outcome === 'skipped') return t('Nothing to compare with here.')
  if (outcome === 'bad') return null
  switch (id) {
    case 'drand':
      return t('BLS12-381, checked here with the beacon’s key as the contract checked it.')
    case 'entries':
      return tn(BigInt(found ?? 0), '{count} ticket', '{count} tickets')
    case 'owners':
    case 'claims':
      return tn(BigInt(found ?? 0), '{count} prize paid so far', '{count} prizes paid so far')
    case 'exclusions':
      return tn(BigInt(found ?? 0), '{count} person left out', '{count} persons left out')
    case 'draw-number':
      return t('This was draw {number} of {total}.', {
        number: found?.split('/')[0] ?? '',
        total: found?.split('/')[1] ?? '',
      })
    case 'repeats':
      return tn(BigInt(found ?? 0), '{count} repeated place', '{count} repeated places')
    case 'disqualified':
      return found === '0' ? t('none') : (found ?? null)
    case 'openings':
    case 'server':
      return tn(BigInt(found ?? 0), '{count} place compared', '{count} places compared')
    default:
      return null
  }
}

/** Checks whose value is worth showing as it is. */
export const SHOWS_VALUE = new Set<Check['id']>([
  'terms',
  'root',
  'commitment',
  'round',
  'vrf',
  'vrf-request',
  'vrf-proof',
  'drand',
  'seed',
  'winners',
])
