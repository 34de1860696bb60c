/** The tab's one connection to the stream: comes again when it is lost, and says which topics are live. */
import type { Renewal } from '@/shared/api/client'
import type { News, StreamState } from './live'
import { changeMessage, read, startMessage, type Message, type Places } from './wire'

const MALFORMED = 4400
const SIGNED_OUT = 4401
const TOO_MANY = 4429
const DONE = 1000
/** After so many in a row nothing is expected any more, though it is tried again and again. */
const MANY_FAILURES = 4
/** One stream carries no more; what is beyond is asked for as without it. */
const MOST_TOPICS = 50

/** Milliseconds. */
export const TIMES = {
  /** Before the first try to come again, twice as long before each one after it. */
  again: 1_000,
  againAtMost: 60_000,
  /** A connection that lived so long was a good one. */
  good: 10_000,
  /** The server says something every 20 s. */
  silence: 50_000,
  /** For so long a lost connection is as good as live: what is missed is told when it is back. */
  grace: 5_000,
  /** After the server has said that there are too many streams. */
  tooMany: 300_000,
}

export interface Ports {
  address: string
  /** Renews the session, once for everybody who needs it. */
  renew: () => Promise<Renewal>
  onState: (state: StreamState) => void
  onLive: (topics: ReadonlySet<string>) => void
  onNews: (news: News) => void
  /** Something may have been missed for good. */
  onMissed: () => void
  times?: typeof TIMES
}

type Timer = ReturnType<typeof setTimeout> | undefined

export class Connection {
  readonly #ports: Ports
  readonly #times: typeof TIMES
  #wanted: ReadonlySet<string> = new Set()
  /** What this socket was asked for; null while it is not ready. */
  #asked: ReadonlySet<string> | null = null
  #socket: WebSocket | null = null
  #places: Places = {}
  #failures = 0
  #renewed = false
  /** Not to come again before somebody says so. */
  #away = false
  #resting = false
  /** Who the connection is for has changed so often. */
  #turn = 0
  #again: Timer
  #grace: Timer
  #silence: Timer
  #readyAt = 0

  constructor(ports: Ports) {
    this.#ports = ports
    this.#times = ports.times ?? TIMES
  }

  /** What the page needs now. Nothing: the connection ends. */
  want(topics: ReadonlySet<string>): void {
    this.#wanted = new Set([...topics].slice(0, MOST_TOPICS))
    if (this.#wanted.size === 0) {
      this.#leave()
      this.#places = {}
      this.#lose('off')
    } else if (this.#asked) this.#tell(this.#asked)
    else this.#come()
  }

  /** Somebody else is signed in, or nobody: another connection, and none of the last one's own events. */
  restart(topics: ReadonlySet<string>): void {
    this.#leave()
    this.#turn += 1
    this.#places = { chain: this.#places.chain }
    this.#renewed = this.#away = false
    this.#failures = 0
    this.#hope()
    this.want(topics)
  }

  /** Nobody looks: what is missed is told when it is back. */
  rest(): void {
    this.#resting = true
    this.#leave()
    this.#ports.onState(this.#wanted.size > 0 ? 'waiting' : 'off')
  }

  /** Somebody looks again: at once, however long the next try was to wait. */
  wake(): void {
    if (this.#resting) this.#hope()
    this.#resting = false
    if (this.#again !== undefined) this.#leave()
    this.#come()
  }

  /** The network is back, perhaps another one: what was open on the last one is not to be trusted. */
  renew(): void {
    if (this.#resting) return
    if (this.#asked) this.#hope()
    this.#leave()
    this.#come()
  }

  #come(): void {
    if (this.#socket || this.#again !== undefined || this.#away || this.#resting || !this.#wanted.size) return
    this.#ports.onState('waiting')
    const socket = new WebSocket(this.#ports.address)
    this.#socket = socket
    const asked = this.#wanted
    socket.onopen = () => {
      socket.send(startMessage([...asked], this.#places))
    }
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#hear(read(String(data)), asked)
    }
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) void this.#closed(code)
    }
    this.#watch()
  }

  #hear(message: Message, asked: ReadonlySet<string>): void {
    this.#watch()
    if ('places' in message) this.#places = { ...this.#places, ...message.places }
    switch (message.type) {
      case 'ready':
        clearTimeout(this.#grace)
        this.#readyAt = Date.now()
        this.#renewed = false
        this.#asked = asked
        this.#ports.onState('live')
        this.#ports.onLive(new Set(message.topics))
        if (!message.complete) this.#ports.onMissed()
        this.#tell(asked)
        return
      case 'topics':
        this.#ports.onLive(new Set(message.topics))
        return
      case 'event':
        this.#ports.onNews(message.news)
    }
  }

  /** Says what has changed since it was last asked. */
  #tell(asked: ReadonlySet<string>): void {
    const more = [...this.#wanted].filter((topic) => !asked.has(topic))
    const less = [...asked].filter((topic) => !this.#wanted.has(topic))
    // First what goes: there are places for so many.
    if (less.length > 0) this.#socket?.send(changeMessage('unsubscribe', less))
    if (more.length > 0) this.#socket?.send(changeMessage('subscribe', more))
    this.#asked = this.#wanted
  }

  async #closed(code: number): Promise<void> {
    const wasReady = this.#asked !== null
    this.#leave()
    if (wasReady && Date.now() - this.#readyAt > this.#times.good) this.#failures = 0
    this.#failures += 1
    if (code === MALFORMED) {
      this.#away = true
      this.#lose('off')
      return
    }
    if (code === SIGNED_OUT) {
      await this.#signedOut()
      return
    }
    if (code === TOO_MANY) {
      this.#lose('off')
      this.#comeIn(this.#times.tooMany)
      return
    }
    if (wasReady) this.#hope()
    else this.#lose(this.#failures < MANY_FAILURES ? 'waiting' : 'off')
    this.#comeAgain()
  }

  /** For a moment what was live counts as live. */
  #hope(): void {
    this.#ports.onState('waiting')
    clearTimeout(this.#grace)
    this.#grace = setTimeout(() => {
      this.#lose('waiting')
    }, this.#times.grace)
  }

  /** Once with a new session; what is still refused then stays away until somebody signs in or out. */
  async #signedOut(): Promise<void> {
    this.#away = true
    if (this.#renewed) {
      this.#lose('off')
      return
    }
    this.#lose('waiting')
    this.#renewed = true
    const turn = this.#turn
    const renewal = await this.#ports.renew()
    // Somebody has signed in or out meanwhile.
    if (turn !== this.#turn) return
    this.#away = false
    if (renewal === 'unknown') this.#renewed = false
    this.#comeAgain()
  }

  #comeAgain(): void {
    this.#comeIn(Math.min(this.#times.again * 2 ** (this.#failures - 1), this.#times.againAtMost))
  }

  /** Not all at one moment: a server that restarts has lost them all at once. */
  #comeIn(milliseconds: number): void {
    this.#again = setTimeout(
      () => {
        this.#again = undefined
        this.#come()
      },
      milliseconds * (0.25 + 0.75 * Math.random()),
    )
  }

  /** A connection that says nothing is lost, whatever the browser believes. */
  #watch(): void {
    clearTimeout(this.#silence)
    const socket = this.#socket
    this.#silence = setTimeout(() => {
      if (socket) void this.#closed(0)
    }, this.#times.silence)
  }

  #lose(state: StreamState): void {
    clearTimeout(this.#grace)
    this.#ports.onState(state)
    this.#ports.onLive(new Set())
  }

  #leave(): void {
    clearTimeout(this.#again)
    clearTimeout(this.#silence)
    this.#again = undefined
    this.#asked = null
    const socket = this.#socket
    this.#socket = null
    socket?.close(DONE)
  }
}
