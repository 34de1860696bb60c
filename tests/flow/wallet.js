// Put before every script of a page: an EIP-1193 provider announced by EIP-6963, as a wallet extension does it.
// Each request is answered by the test, which forwards it to anvil (see wallet.py).
(() => {
  const listeners = new Map()
  const emit = (event, data) => [...(listeners.get(event) ?? [])].forEach((listener) => listener(data))
  // What a person does in the wallet itself (FlowWallet.change_account, change_chain).
  window.__walletEmit = emit
  const provider = {
    async request({ method, params }) {
      const answer = await window.__walletRequest(method, params ?? [])
      if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error)
      if (method === 'wallet_switchEthereumChain') emit('chainChanged', params[0].chainId)
      return answer.result
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener])
      return provider
    },
    removeListener(event, listener) {
      listeners.set(event, (listeners.get(event) ?? []).filter((known) => known !== listener))
      return provider
    },
  }
  const info = Object.freeze({
    uuid: '9b3c63f0-6a43-4ad5-9f0c-2d0bb7f5a217',
    name: 'Flow Wallet',
    rdns: 'test.tombola.flow',
    icon: 'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg"/%3E',
  })
  const announce = () =>
    window.dispatchEvent(
      new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }),
    )
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
})()
