/** Re-checks a raffle from chain data alone. */
import { encodeAbiParameters, type ContractFunctionArgs, type Log } from 'viem'
import { raffleAbi } from '@/abi'
import { fromHex, toHex, type Hex } from '@/shared/draw/bytes'
import { keccak256 } from '@/shared/draw/hash'
import { blockTime, checkChain, eventsOf, logsOf, type Node } from './chain'
import { same, verdict, type Check, type Cheat, type Place, type Report } from './check'
import type { Deployed } from './deployed'
import { checkDraw, drawFacts, type DrawFacts } from './randomness'

export interface RaffleQuestion {
  kind: 'raffle'
  node: Node
  contract: Hex
  raffleId: string
  fromBlock: number
  deployed: Deployed
  /** What this site's server says about the winners, to be compared with the chain. */
  server: { rank: number; ticket: string; buyer: string }[] | null
}

type Created = Omit<ContractFunctionArgs<typeof raffleAbi, 'payable', 'createRaffle'>[0], never>

type Options = ContractFunctionArgs<typeof raffleAbi, 'payable', 'createRaffleWith'>[1]

interface Purchase {
  buyer: Hex
  entryIndex: number
  firstTicket: bigint
  count: bigint
  paid: bigint
  block: bigint
  logIndex: number
}

export interface RaffleEvidence {
  chain: { chainId: number; hasCode: boolean }
  created: Created & { termsHash: Hex }
  /** Null where the raffle has none: a price in the token, open to all. */
  options: Options | null
  purchases: Purchase[]
  lastPurchaseTime: bigint
  claims: { rank: number; winner: Hex; ticket: bigint }[]
  draw: DrawFacts
}

export async function gatherRaffle(
  question: RaffleQuestion,
  onProgress: (fraction: number) => void,
): Promise<RaffleEvidence> {
  const { node, contract } = question
  const id = BigInt(question.raffleId)
  const chain = await checkChain(node, contract)
  const logs: Log[] = await logsOf(node, contract, id, question.fromBlock, onProgress)
  const events = eventsOf(raffleAbi, logs)
  const created = events.find((event) => event.eventName === 'RaffleCreated')
  if (!created) throw new Error(`The chain knows no raffle number ${question.raffleId}.`)
  const purchases = events
    .filter((event) => event.eventName === 'TicketsBought')
    .map(({ args, blockNumber, logIndex }) => ({ ...args, block: blockNumber, logIndex }))
  const last = purchases.at(-1)
  return {
    chain,
    created: { ...created.args },
    options: events.find((event) => event.eventName === 'RaffleOptionsFixed')?.args ?? null,
    purchases,
    lastPurchaseTime: last ? await blockTime(node, last.block) : 0n,
    claims: events
      .filter((event) => event.eventName === 'PrizeClaimed')
      .map(({ args }) => ({ rank: args.rank, winner: args.winner, ticket: args.ticket })),
    draw: await drawFacts(node, contract, id, logs, question.deployed),
  }
}

const CONFIG = raffleAbi.find((item) => item.type === 'function' && item.name === 'createRaffle')
const BOTH = raffleAbi.find((item) => item.type === 'function' && item.name === 'createRaffleWith')

/** keccak256(abi.encode(config)), or keccak256(abi.encode(config, options)) where the raffle has options. */
export function termsHash(created: Created, options: Options | null = null): Hex {
  if (!CONFIG || !BOTH) throw new Error('The raffle interface has no createRaffle')
  const encoded = options
    ? encodeAbiParameters(BOTH.inputs, [created, options])
    : encodeAbiParameters(CONFIG.inputs, [created])
  return toHex(keccak256(fromHex(encoded)))
}

/**
 * Whether the purchases number the tickets without gap or overlap, each at the price; and the number sold.
 * `price` null: in US dollars, so that what was paid follows the feed of the moment.
 */
export function countTickets(
  purchases: readonly Purchase[],
  price: bigint | null,
): { whole: boolean; sold: bigint } {
  let sold = 0n
  let whole = true
  purchases.forEach((purchase, index) => {
    whole &&=
      purchase.entryIndex === index &&
      purchase.firstTicket === sold &&
      purchase.count > 0n &&
      (price === null ? purchase.paid > 0n : purchase.paid === purchase.count * price)
    sold += purchase.count
  })
  return { whole, sold }
}

/** The entry whose tickets include `ticket`; purchases are in ticket order. */
export function ownerOf(purchases: readonly Purchase[], ticket: bigint): Purchase | undefined {
  let low = 0
  let high = purchases.length
  while (low < high) {
    const middle = (low + high) >> 1
    const purchase = purchases[middle]
    if (purchase && purchase.firstTicket + purchase.count > ticket) high = middle
    else low = middle + 1
  }
  return purchases[low]
}

/** An address's purchases in a raffle, as the chain holds them. */
export interface Found {
  who: string
  entries: { entry: number; first: string; last: string }[]
  tickets: string
}

/** What `who` bought; an address that bought nothing has no entries. */
export function entriesOf(purchases: readonly Purchase[], who: string): Found {
  const own = purchases.filter((purchase) => purchase.buyer.toLowerCase() === who.toLowerCase())
  return {
    who,
    entries: own.map((purchase) => ({
      entry: purchase.entryIndex,
      first: purchase.firstTicket.toString(),
      last: (purchase.firstTicket + purchase.count - 1n).toString(),
    })),
    tickets: own.reduce((sum, purchase) => sum + purchase.count, 0n).toString(),
  }
}

/** "Try to cheat" with an entry: the first buyer gets one ticket more than was bought. */
function enlarge(purchases: Purchase[]): Purchase[] {
  return purchases.map((purchase, index) =>
    index === 0 ? { ...purchase, count: purchase.count + 1n } : purchase,
  )
}

const brief = (hex: string) => `${hex.slice(0, 8)}…${hex.slice(-6)}`

function checkOwners(evidence: RaffleEvidence, places: Place[]): Check {
  const wrong = evidence.claims.find((claim) => {
    const place = places[claim.rank]
    return (
      place?.number !== claim.ticket.toString() || place.who?.toLowerCase() !== claim.winner.toLowerCase()
    )
  })
  if (!wrong) return { id: 'owners', outcome: 'ok', found: String(evidence.claims.length) }
  const place = places[wrong.rank]
  return verdict(
    'owners',
    false,
    `${place?.number ?? '—'} · ${brief(place?.who ?? '—')}`,
    `${wrong.ticket} · ${brief(wrong.winner)}`,
  )
}

function checkServer(server: RaffleQuestion['server'], places: Place[]): Check {
  if (!server) return { id: 'server', outcome: 'skipped' }
  const text = (rank: number, number: string | undefined, who: string | null | undefined) =>
    `${rank + 1}: ${number ?? '—'} · ${who ? brief(who).toLowerCase() : '—'}`
  const wrong = server.find((said) => {
    const place = places[said.rank]
    return place?.number !== said.ticket || place.who?.toLowerCase() !== said.buyer.toLowerCase()
  })
  if (!wrong) return { id: 'server', outcome: 'ok', found: String(server.length) }
  const place = places[wrong.rank]
  return verdict(
    'server',
    false,
    text(wrong.rank, wrong.ticket, wrong.buyer),
    text(wrong.rank, place?.number, place?.who),
  )
}

export function checkRaffle(
  question: RaffleQuestion,
  evidence: RaffleEvidence,
  cheat: Cheat,
  onProgress?: (fraction: number) => void,
): Omit<Report, 'milliseconds'> {
  const { chain, created, draw } = evidence
  const checks: Check[] = [
    verdict(
      'chain',
      chain.chainId === question.node.chainId && chain.hasCode,
      String(chain.chainId),
      String(question.node.chainId),
    ),
  ]
  const terms = termsHash(created, evidence.options)
  checks.push(same('terms', terms, draw.request?.commitment ?? created.termsHash))

  const inDollars = evidence.options !== null && !/^0x0+$/.test(evidence.options.priceFeed)
  const purchases = cheat === 'entry' ? enlarge(evidence.purchases) : evidence.purchases
  const { whole, sold } = countTickets(purchases, inDollars ? null : created.ticketPrice)
  const expected = draw.request?.n ?? sold
  checks.push(
    verdict(
      'entries',
      whole && sold === expected && sold <= created.maxTickets,
      sold.toString(),
      expected.toString(),
    ),
  )
  const last = purchases.at(-1)
  const { request } = draw
  const beforeRequest =
    !request ||
    !last ||
    last.block < request.block ||
    (last.block === request.block && last.logIndex < request.logIndex)
  checks.push(verdict('sale-over', beforeRequest && evidence.lastPurchaseTime < created.closesAt))

  const drawn = checkDraw(
    draw,
    {
      chainId: BigInt(question.node.chainId),
      contract: question.contract,
      drawId: BigInt(question.raffleId),
      commitment: terms,
      n: sold,
    },
    cheat,
    onProgress,
  )
  checks.push(...drawn.checks)
  const places: Place[] = drawn.numbers.map((number, rank) => ({
    rank,
    number: number.toString(),
    who: ownerOf(purchases, number)?.buyer ?? null,
  }))
  const said =
    cheat === 'winner'
      ? (question.server?.map((winner, at) =>
          at === 0 ? { ...winner, ticket: String(BigInt(winner.ticket) ^ 1n) } : winner,
        ) ?? null)
      : question.server
  if (draw.final) checks.push(checkOwners(evidence, places), checkServer(said, places))
  else checks.push({ id: 'owners', outcome: 'later' }, { id: 'server', outcome: 'later' })
  return { checks, seed: drawn.seed, n: sold.toString(), k: drawn.numbers.length, places }
}
