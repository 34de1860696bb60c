import { createStore } from '@/shared/store/store'

/** Whether the wallet dialog is open; any page may ask for it. */
export const walletDialog = createStore(false)

export const openWalletDialog = (): void => {
  walletDialog.set(true)
}
