/** What the tests use of the package, which has no types of its own. */
declare module 'ws' {
  export interface Socket {
    on(event: 'message', hear: (text: Buffer) => void): void
    on(event: 'close', hear: (code: number) => void): void
    send: (text: string) => void
    close: (code: number) => void
    terminate: () => void
  }
  export class WebSocket {
    constructor(address: string)
    on: (event: 'error', hear: () => void) => void
  }
  export class WebSocketServer {
    constructor(options: { port: number; host: string })
    once: (event: 'listening', hear: () => void) => void
    on: (event: 'connection', hear: (socket: Socket) => void) => void
    address: () => { port: number }
    close: () => void
  }
}
