import { type XmlElement, xmlDocument } from "../xml-writer.ts";
import { buyerParty, deliveryParty, sellerParty } from "./party.ts";
import type { TradeDocument, TradeLine, TradeTax, VatRate } from "./trade-document.ts";

/** The profile of Factur-X that the document has: all of the European standard. */
const profile = "urn:cen.eu:en16931:2017";

const uncefact = "urn:un:unece:uncefact:data:standard";
const namespaces = {
  "xmlns:rsm": `${uncefact}:CrossIndustryInvoice:100`,
  "xmlns:ram": `${uncefact}:ReusableAggregateBusinessInformationEntity:100`,
  "xmlns:udt": `${uncefact}:UnqualifiedDataType:100`,
  "xmlns:qdt": `${uncefact}:QualifiedDataType:100`,
};

/** An invoice or credit note for machines: Cross Industry Invoice, EN 16931, as Factur-X 1.0 has it. */
export function tradeXml(document: TradeDocument): string {
  return xmlDocument([
    "rsm:CrossIndustryInvoice",
    [
      [
        "rsm:ExchangedDocumentContext",
        [
          ["ram:BusinessProcessSpecifiedDocumentContextParameter", [["ram:ID", document.process]]],
          ["ram:GuidelineSpecifiedDocumentContextParameter", [["ram:ID", profile]]],
        ],
      ],
      [
        "rsm:ExchangedDocument",
        [
          ["ram:ID", document.number],
          ["ram:TypeCode", document.kind === "credit note" ? "381" : "380"],
          ["ram:IssueDateTime", [day(document.date)]],
          ...document.notes.map(note),
        ],
      ],
      ["rsm:SupplyChainTradeTransaction", [...document.lines.map(line), ...header(document)]],
    ],
    namespaces,
  ]);
}

function note({ text, subject }: TradeDocument["notes"][number]): XmlElement {
  return [
    "ram:IncludedNote",
    text
      ? [
          ["ram:Content", text],
          ["ram:SubjectCode", subject ?? null],
        ]
      : null,
  ];
}

function line({ name, quantity, unit, priceCents, netCents, ...vat }: TradeLine, at: number): XmlElement {
  return [
    "ram:IncludedSupplyChainTradeLineItem",
    [
      ["ram:AssociatedDocumentLineDocument", [["ram:LineID", String(at + 1)]]],
      ["ram:SpecifiedTradeProduct", [["ram:Name", name]]],
      [
        "ram:SpecifiedLineTradeAgreement",
        [["ram:NetPriceProductTradePrice", [["ram:ChargeAmount", amount(priceCents)]]]],
      ],
      ["ram:SpecifiedLineTradeDelivery", [["ram:BilledQuantity", String(quantity), { unitCode: unit }]]],
      [
        "ram:SpecifiedLineTradeSettlement",
        [
          ["ram:ApplicableTradeTax", [["ram:TypeCode", "VAT"], category(vat), rate(vat)]],
          ["ram:SpecifiedTradeSettlementLineMonetarySummation", [["ram:LineTotalAmount", amount(netCents)]]],
        ],
      ],
    ],
  ];
}

function header(document: TradeDocument): XmlElement[] {
  const { seller, buyer, order, deliveryAddress, deliveredOn } = document;
  const delivered: XmlElement = ["ram:OccurrenceDateTime", [day(deliveredOn)]];
  return [
    [
      "ram:ApplicableHeaderTradeAgreement",
      [
        sellerParty(seller),
        buyerParty(buyer),
        ["ram:SellerOrderReferencedDocument", [["ram:IssuerAssignedID", order]]],
      ],
    ],
    [
      "ram:ApplicableHeaderTradeDelivery",
      [deliveryParty(deliveryAddress, buyer), ["ram:ActualDeliverySupplyChainEvent", [delivered]]],
    ],
    ["ram:ApplicableHeaderTradeSettlement", settled(document)],
  ];
}

function settled({ currency, payment, taxes, terms, dueDate, totals, corrects }: TradeDocument): XmlElement[] {
  return [
    ["ram:InvoiceCurrencyCode", currency],
    [
      "ram:SpecifiedTradeSettlementPaymentMeans",
      [
        ["ram:TypeCode", payment?.code ?? null],
        ["ram:Information", payment?.text ?? null],
      ],
    ],
    ...taxes.map(tax),
    [
      "ram:SpecifiedTradePaymentTerms",
      [
        ["ram:Description", terms],
        ["ram:DueDateDateTime", [day(dueDate)]],
      ],
    ],
    summation(totals, currency),
    [
      "ram:InvoiceReferencedDocument",
      [
        ["ram:IssuerAssignedID", corrects?.number ?? null],
        ["ram:FormattedIssueDateTime", corrects?.date ? [day(corrects.date, "qdt")] : null],
      ],
    ],
  ];
}

function tax({ netCents, vatCents, ground, due, ...vat }: TradeTax): XmlElement {
  return [
    "ram:ApplicableTradeTax",
    [
      ["ram:CalculatedAmount", amount(vatCents)],
      ["ram:TypeCode", "VAT"],
      ["ram:ExemptionReason", ground?.text ?? null],
      ["ram:BasisAmount", amount(netCents)],
      category(vat),
      ["ram:ExemptionReasonCode", ground?.code ?? null],
      ["ram:DueDateTypeCode", due],
      rate(vat),
    ],
  ];
}

function summation(totals: TradeDocument["totals"], currency: string): XmlElement {
  const { netCents, vatCents, grossCents, paidCents } = totals;
  return [
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    [
      ["ram:LineTotalAmount", amount(netCents)],
      ["ram:TaxBasisTotalAmount", amount(netCents)],
      ["ram:TaxTotalAmount", amount(vatCents), { currencyID: currency }],
      ["ram:GrandTotalAmount", amount(grossCents)],
      ["ram:TotalPrepaidAmount", amount(paidCents)],
      ["ram:DuePayableAmount", amount(grossCents - paidCents)],
    ],
  ];
}

function category({ category }: VatRate): XmlElement {
  return ["ram:CategoryCode", category];
}

function rate({ percent }: VatRate): XmlElement {
  return ["ram:RateApplicablePercent", String(percent)];
}

function day(date: string, prefix = "udt"): XmlElement {
  return [`${prefix}:DateTimeString`, date.replaceAll("-", ""), { format: "102" }];
}

/** Integer cents as XML writes them: 1234.50. */
function amount(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
