/** The languages of reports and lessons, by their ISO 639 codes. */
export const LANGUAGE_CODES = ["en", "tr"] as const;

export type LanguageCode = (typeof LANGUAGE_CODES)[number];
