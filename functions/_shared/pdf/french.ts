/** A day as people read it: 10 février 2026. */
export function frenchDate(day: string): string {
  return new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

/** Integer cents as people read them: 1 234,50 €. */
export function euros(cents: number): string {
  return new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" }).format(cents / 100);
}

/** A rate as people read it: 5,5 %. */
export function percent(value: number): string {
  return `${new Intl.NumberFormat("fr-FR").format(value)} %`;
}
