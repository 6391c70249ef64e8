// Pairs of queries with the same answer: `policies` for a buyer, whom the policies show what is his to see, and `byHand`
// for a superuser, with the buyer's visibility written out. $me is the buyer's id.

/** One question, asked both ways. */
export type QueryPair = { name: string; policies: string; byHand: string };

const bought = "exists (select from leads.sales s where s.lead_id = l.id and s.buyer_id = $me)";
const visible = `l.withdrawn_at is null and (l.on_sale or ${bought})`;

/** The contract's fields of leads, with the contacts that the buyer may see. */
function leadsWhere(condition: string): string {
  return `
    select l.reference as id, l.first_name as "firstName", coalesce(c.last_name, l.last_name_mask) as "lastName",
      case when c.lead_id is null then l.email_mask else c.email end as email,
      case when c.lead_id is null then l.phone_mask else c.phone end as phone,
      l.company, l.sector, l.region, l.city, l.source, l.channel, l.score, l.status,
      l.qualification_status as "qualificationStatus",
      (to_json(l.created_at at time zone 'UTC') #>> '{}') || 'Z' as "createdAt",
      (to_json(l.updated_at at time zone 'UTC') #>> '{}') || 'Z' as "updatedAt",
      trim_scale(l.price_cents / 100.0) as price, l.is_exclusive as "isExclusive", l.has_audio_recording as "hasAudioRecording",
      case when c.lead_id is null then l.summary else c.notes end as notes
    from leads.leads l
    left join leads.lead_contacts c on c.lead_id = l.id and ${bought.replaceAll("l.id", "c.lead_id")}
    where ${condition} order by l.id desc limit 1000`;
}

/** The newest leads in whose text every word is found, the last name counting where the buyer may see it. */
function searchByHand(words: string[]): string {
  const patterns = words.map((word) => `'%${word}%'`);
  const inLead = patterns.map((pattern) => `l.search_text like ${pattern}`).join(" and ");
  const inBoth = patterns.map((pattern) => `l.search_text || ' ' || c.search_text like ${pattern}`).join(" and ");
  return leadsWhere(`l.id in (
    (select l.id from leads.leads l where ${visible} and ${inLead} order by l.id desc limit 1000)
    union
    (select l.id from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
     where l.withdrawn_at is null and ${bought} and (${patterns.map((pattern) => `c.search_text like ${pattern}`).join(" or ")})
       and ${inBoth} order by l.id desc limit 1000))`);
}

function search(name: string, words: string[]): QueryPair {
  return {
    name: `search, ${name}`,
    policies: `select * from public.leads_search(search => '${words.join(" ")}')`,
    byHand: searchByHand(words),
  };
}

/** The questions. `rare`: a word found in hardly any lead; `me`: the buyer's id. */
export function queryPairs(rare: string, me: string): QueryPair[] {
  const list = leadsWhere(visible);
  const count = `select count(*) as n from leads.leads l where ${visible}`;
  const pairs: QueryPair[] = [
    { name: "list by public.leads", policies: "select * from public.leads limit 1000", byHand: list },
    { name: "list by leads_search", policies: "select * from public.leads_search()", byHand: list },
    search("rare word", [rare]),
    search("common word", ["isolation"]),
    search("two words", ["jean", "isolation"]),
    { name: "exact count of public.leads", policies: "select count(*) as n from public.leads", byHand: count },
    {
      name: "exact count in leads_search",
      policies: "select total as n from leads.find_leads(null, null, null, null, null, 1, null, 'exact')",
      byHand: count,
    },
  ];
  return pairs.map((pair) => ({ ...pair, byHand: pair.byHand.replaceAll("$me", `'${me}'`) }));
}
