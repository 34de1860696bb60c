/** A WebSocket server that speaks as little of the stream as a test says; the connection to it is a real one. */
import { vi } from 'vitest'
import { WebSocket, WebSocketServer, type Socket } from 'ws'

export interface Start {
  type: string
  topics: string[]
  resume_after?: { me?: string; chain?: string }
}

/** One connection: what it has sent, and what the test answers. */
export class Client {
  readonly heard: Start[] = []
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (text: Buffer) => {
      const message = JSON.parse(text.toString()) as Start
      this.heard.push(message)
    })
  }

  get start(): Start | undefined {
    return this.heard[0]
  }

  say(message: Record<string, unknown>): void {
    this.#socket.send(JSON.stringify(message))
  }

  ready(more: Record<string, unknown> = {}): void {
    this.say({ type: 'ready', topics: this.start?.topics, complete: true, ...more })
  }

  onClose(hear: (code: number) => void): void {
    this.#socket.on('close', (code) => {
      hear(code)
    })
  }

  close(code: number): void {
    this.#socket.close(code)
  }

  /** As a server that dies. */
  die(): void {
    this.#socket.terminate()
  }
}

/** As a browser's: jsdom's own one does not open under vitest, and this one throws what a browser only tells. */
class BrowserSocket extends WebSocket {
  constructor(address: string) {
    super(address)
    this.on('error', () => undefined)
  }
}

export class StreamServer {
  readonly clients: Client[] = []
  #server: WebSocketServer | undefined
  port = 0

  async listen(): Promise<void> {
    vi.stubGlobal('WebSocket', BrowserSocket)
    const server = new WebSocketServer({ port: this.port, host: '127.0.0.1' })
    await new Promise<void>((resolve) => server.once('listening', resolve))
    this.port = server.address().port
    this.#server = server
    server.on('connection', (socket: Socket) => this.clients.push(new Client(socket)))
  }

  get address(): string {
    return `ws://127.0.0.1:${this.port}/`
  }

  get last(): Client | undefined {
    return this.clients.at(-1)
  }

  stop(): void {
    this.clients.forEach((client) => {
      client.die()
    })
    this.#server?.close()
  }
}
