import { Keyboard, type Binding } from '../lib/keys'

export const keyboard = new Keyboard()

/** Keys of the component that calls, as long as it is shown. */
export function keys(bindings: () => Binding[], modal = false): void {
  $effect(() => keyboard.layer(bindings(), modal))
}
