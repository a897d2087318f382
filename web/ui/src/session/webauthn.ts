import type { AllowedPasskey, PasskeyAssertion, PasskeyChallenge, PasskeyOffer } from '../api'

/** Passkeys as the browser has them (WebAuthn Level 3 section 5), with our base64 on the outside. */

export function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
}

export function text(buffer: ArrayBuffer | null | undefined): string {
  if (!buffer) return ''
  let out = ''
  for (const byte of new Uint8Array(buffer)) out += String.fromCharCode(byte)
  return btoa(out)
}

/** This browser can do it at all; whether the address allows it, the node says. */
export const supported = (): boolean => isSecureContext && typeof PublicKeyCredential === 'function'

/** The officer said no, took too long, or the authenticator has no such key; the browser does not tell which. */
export class NotSigned extends Error {}

const descriptors = (keys: AllowedPasskey[] | null | undefined): PublicKeyCredentialDescriptor[] =>
  (keys ?? []).map((k) => ({
    type: 'public-key',
    id: bytes(k.id),
    ...(k.transports?.length ? { transports: k.transports as AuthenticatorTransport[] } : {}),
  }))

async function asked<T>(run: () => Promise<Credential | null>): Promise<T> {
  try {
    const credential = await run()
    if (!credential) throw new NotSigned()
    return credential as T
  } catch (error) {
    if (error instanceof NotSigned) throw error
    throw new NotSigned(error instanceof Error ? error.name : '')
  }
}

/** Answers a challenge; without `allow` with any passkey of this host that the device knows. */
export async function assertion(ask: PasskeyChallenge, allow?: AllowedPasskey[] | null): Promise<PasskeyAssertion> {
  const credential = await asked<PublicKeyCredential>(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: bytes(ask.challenge),
        rpId: ask.rp,
        userVerification: 'required',
        timeout: 110_000,
        ...(allow?.length ? { allowCredentials: descriptors(allow) } : {}),
      },
    }),
  )
  const answer = credential.response as AuthenticatorAssertionResponse
  return {
    credential: text(credential.rawId),
    authenticator: text(answer.authenticatorData),
    client: text(answer.clientDataJSON),
    value: text(answer.signature),
    ...(answer.userHandle ? { user: text(answer.userHandle) } : {}),
  }
}

/** Makes a passkey that can be found without a name, on a device that asks who is there. */
export async function create(
  offer: PasskeyOffer,
): Promise<{ client: string; attestation: string; transports: string[] }> {
  const credential = await asked<PublicKeyCredential>(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytes(offer.challenge),
        rp: { id: offer.rp, name: 'Sarhad' },
        user: { id: bytes(offer.user), name: offer.name, displayName: offer.display },
        pubKeyCredParams: (offer.algorithms ?? []).map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        excludeCredentials: descriptors(offer.exclude),
        attestation: 'none',
        timeout: 110_000,
      },
    }),
  )
  const answer = credential.response as AuthenticatorAttestationResponse
  return {
    client: text(answer.clientDataJSON),
    attestation: text(answer.attestationObject),
    transports: answer.getTransports?.() ?? [],
  }
}
