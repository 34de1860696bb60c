/** What the list of activity can be narrowed to; a part of its address. */
export const SHOWN = ['under-way', 'done', 'failed', 'cancelled'] as const
export type Shown = (typeof SHOWN)[number]
