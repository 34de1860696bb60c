/** The steps of the preparation, in their order. */
export const STEPS = ['entries', 'filters', 'terms', 'price', 'commit'] as const
export type Step = (typeof STEPS)[number]

/** The step a link asks for. */
export const readStep = (asked: unknown): Step | undefined => STEPS.find((step) => step === asked)
