/** The administrator's account, who has no file of his own. */
export const adminEmail = "admin@leads-provider.fr";
