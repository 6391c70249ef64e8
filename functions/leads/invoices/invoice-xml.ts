import { type XmlElement, xmlDocument } from "../../_shared/xml-writer.ts";
import { type Invoice, noDiscount, settlement } from "./invoice-content.ts";
import { buyerParty, deliveryParty, sellerParty } from "./invoice-parties.ts";

/** The profile of Factur-X that the document has: all of the European standard. */
const profile = "urn:cen.eu:en16931:2017";

/** How France names an invoice of services that is already paid (BT-23). */
const paidServices = "S2";

const uncefact = "urn:un:unece:uncefact:data:standard";
const namespaces = {
  "xmlns:rsm": `${uncefact}:CrossIndustryInvoice:100`,
  "xmlns:ram": `${uncefact}:ReusableAggregateBusinessInformationEntity:100`,
  "xmlns:udt": `${uncefact}:UnqualifiedDataType:100`,
  "xmlns:qdt": `${uncefact}:QualifiedDataType:100`,
};

/**
 * An invoice or credit note for machines: Cross Industry Invoice, EN 16931, as Factur-X 1.0 has it. A credit note's amounts
 * are positive, its type (381) says that they are given back. The figures are those that are stored.
 */
export function invoiceXml(invoice: Invoice): string {
  return xmlDocument([
    "rsm:CrossIndustryInvoice",
    [
      [
        "rsm:ExchangedDocumentContext",
        [
          ["ram:BusinessProcessSpecifiedDocumentContextParameter", [["ram:ID", paidServices]]],
          ["ram:GuidelineSpecifiedDocumentContextParameter", [["ram:ID", profile]]],
        ],
      ],
      [
        "rsm:ExchangedDocument",
        [
          ["ram:ID", invoice.number],
          ["ram:TypeCode", invoice.corrects ? "381" : "380"],
          ["ram:IssueDateTime", [day(invoice.date)]],
          ...notes(invoice),
        ],
      ],
      [
        "rsm:SupplyChainTradeTransaction",
        [
          line(invoice),
          [
            "ram:ApplicableHeaderTradeAgreement",
            [
              sellerParty(invoice.seller),
              buyerParty(invoice.buyer),
              ["ram:SellerOrderReferencedDocument", [["ram:IssuerAssignedID", invoice.order]]],
            ],
          ],
          ["ram:ApplicableHeaderTradeDelivery", [deliveryParty(invoice.buyer), delivered(invoice)]],
          ["ram:ApplicableHeaderTradeSettlement", settled(invoice)],
        ],
      ],
    ],
    namespaces,
  ]);
}

// Subjects of UNTDID 4451 that French law wants to be told apart: costs of recovery and penalties, which one mention may say both.
const subjects: [string, RegExp][] = [
  ["PMT", /indemnité forfaitaire/i],
  ["PMD", /pénalités/i],
];

function notes({ mentions }: Invoice): XmlElement[] {
  const ofMentions = mentions.flatMap((text) => {
    const codes = subjects.filter(([, pattern]) => pattern.test(text)).map(([code]) => code);
    return codes.length > 0 ? codes.map((code) => note(text, code)) : [note(text)];
  });
  return [...ofMentions, note(noDiscount, "AAB")];
}

function note(text: string, code?: string): XmlElement {
  return [
    "ram:IncludedNote",
    text
      ? [
          ["ram:Content", text],
          ["ram:SubjectCode", code ?? null],
        ]
      : null,
  ];
}

function line(invoice: Invoice): XmlElement {
  const net = amount(invoice, invoice.netCents);
  return [
    "ram:IncludedSupplyChainTradeLineItem",
    [
      ["ram:AssociatedDocumentLineDocument", [["ram:LineID", "1"]]],
      ["ram:SpecifiedTradeProduct", [["ram:Name", invoice.description]]],
      ["ram:SpecifiedLineTradeAgreement", [["ram:NetPriceProductTradePrice", [["ram:ChargeAmount", net]]]]],
      ["ram:SpecifiedLineTradeDelivery", [["ram:BilledQuantity", "1", { unitCode: "C62" }]]],
      [
        "ram:SpecifiedLineTradeSettlement",
        [
          ["ram:ApplicableTradeTax", [["ram:TypeCode", "VAT"], category(invoice), rate(invoice)]],
          ["ram:SpecifiedTradeSettlementLineMonetarySummation", [["ram:LineTotalAmount", net]]],
        ],
      ],
    ],
  ];
}

/** Credits are on the account when they are paid, which is when the invoice is issued. */
function delivered({ date, correctsDate }: Invoice): XmlElement {
  return ["ram:ActualDeliverySupplyChainEvent", [["ram:OccurrenceDateTime", [day(correctsDate ?? date)]]]];
}

function settled(invoice: Invoice): XmlElement[] {
  return [
    ["ram:InvoiceCurrencyCode", "EUR"],
    paymentMeans(invoice),
    tax(invoice),
    [
      "ram:SpecifiedTradePaymentTerms",
      [
        ["ram:Description", settlement(invoice)],
        ["ram:DueDateDateTime", [day(invoice.date)]],
      ],
    ],
    totals(invoice),
    [
      "ram:InvoiceReferencedDocument",
      [
        ["ram:IssuerAssignedID", invoice.corrects],
        ["ram:FormattedIssueDateTime", invoice.correctsDate ? [day(invoice.correctsDate, "qdt")] : null],
      ],
    ],
  ];
}

// UNTDID 4461. A transfer that has come in needs no account to be sent to, so it is not 30, which would have to name one.
const means: Record<string, string> = { "Carte bancaire": "48", "Virement bancaire": "42" };

function paymentMeans({ paymentMethod }: Invoice): XmlElement {
  const code = paymentMethod ? [["ram:TypeCode", means[paymentMethod] ?? "1"] as const] : [];
  return ["ram:SpecifiedTradeSettlementPaymentMeans", [...code, ["ram:Information", paymentMethod]]];
}

const grounds = { S: null, AE: "VATEX-EU-AE", E: "VATEX-FR-FRANCHISE" };

/** The one rate of the invoice. The ground of 0 % stands first among the mentions. */
function tax(invoice: Invoice): XmlElement {
  const { mentions, vatCategory } = invoice;
  const taxed = vatCategory === "S";
  // When it falls due (UNTDID 2475): with the invoice, or with the payment.
  const due = mentions.some((text) => text.includes("d'après les débits")) ? "5" : "72";
  return [
    "ram:ApplicableTradeTax",
    [
      ["ram:CalculatedAmount", amount(invoice, invoice.vatCents)],
      ["ram:TypeCode", "VAT"],
      ["ram:ExemptionReason", taxed ? null : (mentions[0] ?? null)],
      ["ram:BasisAmount", amount(invoice, invoice.netCents)],
      category(invoice),
      ["ram:ExemptionReasonCode", grounds[vatCategory]],
      ["ram:DueDateTypeCode", taxed ? due : null],
      rate(invoice),
    ],
  ];
}

/** What is issued is paid: what a buyer owes is nothing, and what he gets back he has got. */
function totals(invoice: Invoice): XmlElement {
  const net = amount(invoice, invoice.netCents);
  const gross = amount(invoice, invoice.grossCents);
  return [
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    [
      ["ram:LineTotalAmount", net],
      ["ram:TaxBasisTotalAmount", net],
      ["ram:TaxTotalAmount", amount(invoice, invoice.vatCents), { currencyID: "EUR" }],
      ["ram:GrandTotalAmount", gross],
      ["ram:TotalPrepaidAmount", gross],
      ["ram:DuePayableAmount", "0.00"],
    ],
  ];
}

function category({ vatCategory }: Invoice): XmlElement {
  return ["ram:CategoryCode", vatCategory];
}

function rate({ vatPercent }: Invoice): XmlElement {
  return ["ram:RateApplicablePercent", String(vatPercent)];
}

function day(date: string, prefix = "udt"): XmlElement {
  return [`${prefix}:DateTimeString`, date.replaceAll("-", ""), { format: "102" }];
}

/** Integer cents as XML writes them: 1234.50. */
function amount({ corrects }: Invoice, cents: number): string {
  const given = corrects ? -cents : cents;
  const digits = String(Math.abs(given)).padStart(3, "0");
  return `${given < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
