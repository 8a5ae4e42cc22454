"""Topics of paperwork and money: visas, taxes, medicines, crypto wallets."""

from drift_core.simulation.vocabulary.topic import topic

VISAS = topic(
    "visas",
    {
        "land": "Japan|Brazil|Vietnam|Turkey|Kenya|India|Mexico|Australia|Georgia|Canada",
        "who": "my daughter|a dual national|a British citizen|a refugee passport|my mother-in-law|a student",
        "aim": "a conference|working remotely|a layover|volunteering|seeing family|an internship|a cruise stop",
        "paper": "bank statement|onward ticket|invitation letter|hotel booking|birth certificate|vaccination card",
    },
    (
        "do i need a visa for {land}|{land} entry rules for {who}|{who} travelling to {land} for {aim}"
        "|visa free days in {land}"
        "|transit through {land} for {n} hours|is {aim} allowed on a tourist stamp",
        "Holders of most European passports stay in {land} for up to 90 days without a permit."
        "|For {aim} a separate category applies, even for a short stay."
        "|A transit area without border control needs no permit.",
    ),
    (
        "how long does the {land} embassy take|e-visa {land} pending for {n} weeks|track my application {land}"
        "|fast track for {land}|consulate {land} no appointments|passport stuck at the {land} consulate",
        "The consulate of {land} decides within ten working days in the quiet season."
        "|The electronic permit is sent by mail; print it in colour."
        "|New appointments are released on Monday mornings.",
    ),
    (
        "{paper} required for {land}|how old may the {paper} be|translate {paper}|{land} wants {paper}, why"
        "|photo size for {land}|apostille on {paper}",
        "The {paper} must not be older than three months."
        "|A sworn translation is asked for when the {paper} is not in English."
        "|Photographs of 35 by 45 mm with a plain background are accepted.",
    ),
    (
        "overstayed in {land} by {n} days|refused at the {land} border|appeal a refusal from {land}"
        "|{land} rejected {who}|banned from {land} for how long|previous refusal, apply again to {land}",
        "An overstay of a few days is fined at the airport of {land}."
        "|An appeal has to be lodged in writing within a month of the refusal."
        "|State earlier refusals openly, since officers can see them.",
    ),
    (
        "extend my stay in {land}|turn a tourist permit into {aim}|multiple entry {land}|leave and re-enter {land}"
        "|passport expires in {n} months, {land} ok?|fee for {land} permit {who}",
        "An extension is applied for in {land} before the first permit runs out."
        "|The passport has to be valid for six months beyond the departure."
        "|A multiple entry permit costs more but is valid for a year.",
    ),
)

TAXES = topic(
    "taxes",
    {
        "cost": (
            "home office|a new laptop|commuting|childcare|a rented room|professional books|a work phone|moving house"
        ),
        "income": "freelance work|dividends|renting out a flat|a side job|selling shares|royalties|a severance payment",
        "form": "annex K|schedule 4|the short form|the self-assessment return|the wage statement|form 12-B",
        "state": "married in May|living abroad half the year|a single parent|retired early|between two jobs",
    },
    (
        "can i deduct {cost}|{cost} as an expense|how much of {cost} counts|no receipt for {cost}, still deductible"
        "|flat rate or actual for {cost}|write off {cost} over {n} years",
        "Spending on {cost} counts when it is needed for your work."
        "|Without receipts a flat rate for {cost} is accepted."
        "|Larger purchases are spread over their useful life of {n} years.",
    ),
    (
        "where do i enter {income}|{income} on {form}|which form for {income}|line 21 of {form}"
        "|do i need {form} if {state}"
        "|{form} and {income} together",
        "Income from {income} goes on {form}, after allowable costs."
        "|{Form} is filled in by anyone with {income} above the allowance."
        "|Leave the line empty when the employer has already reported it.",
    ),
    (
        "deadline for {form}|late with {form}|ask for more time to file|penalty when filing {n} weeks late"
        "|interest on unpaid tax|extension through an adviser",
        "The return is due at the end of July, later with an adviser."
        "|A late filing costs a quarter of a percent of the sum for each month."
        "|An extension must be asked for in writing before the due date.",
    ),
    (
        "assessment looks wrong|object to the tax notice|tax office ignored {cost}"
        "|correct a mistake on {form} after filing|they counted {income} twice|how do i appeal the assessment",
        "An objection is free and has to arrive within a month."
        "|A return can be corrected as long as the assessment isn't final."
        "|Name the line, the figure you expect and enclose the proof.",
    ),
    (
        "allowance if {state}|which bracket when {state}|advance payments on {income}"
        "|how much to put aside from {income}"
        "|is {income} taxed if {state}|joint or separate when {state}",
        "Those who are {state} may choose the more favourable class."
        "|Put aside about a third of {income} until the notice comes."
        "|Advance payments fall due in the middle of each quarter.",
    ),
)

MEDICINES = topic(
    "medicines",
    {
        "drug": "ibuprofen|metformin|sertraline|amoxicillin|levothyroxine|cetirizine|omeprazole|ramipril|prednisone",
        "with": "alcohol|grapefruit|paracetamol|coffee|the pill|St John's wort|iron tablets|milk",
        "sign": "dizziness|a rash|stomach pain|dry mouth|trouble sleeping|swollen ankles|a headache",
        "who": "a toddler|while pregnant|over 75|while breastfeeding|with asthma|before surgery",
    },
    (
        "can i take {drug} with {with}|{drug} and {with}|is {with} ok on {drug}|gap between {drug} and {with}"
        "|mixed {drug} with {with}, worried|{drug} plus {drug2}",
        "Leave two hours between {drug} and {with}, which slows its absorption."
        "|Together with {with}, {drug} may act more strongly than intended."
        "|Ask a pharmacist before you combine {drug} with anything new.",
    ),
    (
        "{sign} from {drug}|is {sign} normal in week {n}|{drug} side effects {sign}|stop {drug} because of {sign}"
        "|{sign} after the second tablet|how long does {sign} last",
        "{Sign} is common in the first two weeks and mostly passes."
        "|Do not stop {drug} suddenly; the dose is lowered in steps."
        "|See a doctor at once when {sign} comes with breathlessness.",
    ),
    (
        "forgot a {drug} tablet|double dose of {drug} by accident|maximum {drug} per day|{drug} morning or evening"
        "|{drug} before or after meals|halve a {drug} tablet",
        "Take the forgotten tablet when fewer than six hours have passed, otherwise skip it."
        "|The daily maximum for adults stands on the leaflet of {drug}."
        "|{Drug} works best at the same hour each day, with a glass of water.",
    ),
    (
        "{drug} for {who}|is {drug} safe {who}|alternative to {drug} {who}|child swallowed {drug}"
        "|dose of {drug} {who}|syrup instead of {drug}",
        "For use {who}, {drug} is given only after weighing benefit and risk."
        "|A lower dose is usual when the kidneys are weak."
        "|Keep the pack at hand when you call the poison centre.",
    ),
    (
        "repeat prescription {drug}|{drug} out of stock|generic for {drug}|bring {drug} through customs"
        "|does {drug} expire|keep {drug} in the fridge or not",
        "A repeat is issued for three months without another visit."
        "|The generic holds the same active substance as the brand."
        "|Keep {drug} dry, below 25 degrees and in its pack.",
    ),
)

WALLETS = topic(
    "wallets",
    {
        "coin": "bitcoin|ether|a stablecoin|an old token|tether|litecoin|wrapped coins",
        "wallet": "hardware device|phone wallet|browser extension|exchange balance|paper wallet|multisig",
        "net": "the wrong network|a layer two chain|the test net|a bridge|mainnet|a sidechain",
    },
    (
        "lost my seed phrase|{wallet} broken, restore {coin}|recover {coin} with {n} of the words"
        "|import keys into a {wallet}"
        "|passphrase forgotten on {wallet}|backup of {wallet} on steel",
        "The recovery words restore {coin} on any compatible {wallet}."
        "|Without the words nobody can give access back, the maker included."
        "|Write the words on paper or steel and never photograph them.",
    ),
    (
        "sent {coin} over {net}|{coin} not showing after transfer|transaction unconfirmed for {n} hours"
        "|stuck pending on {net}|wrong memo when depositing {coin}|{coin} gone to an old address",
        "A transfer over {net} arrives once enough blocks confirm it."
        "|A missing memo is matched by hand and takes days."
        "|Raise the fee of a stuck transfer to have it mined sooner.",
    ),
    (
        "gas fee too high on {net}|cheapest way to move {coin}|fee for sending {coin} to {wallet}"
        "|why is gas so expensive"
        "|move {coin} between {wallet} and exchange|bridge {coin} cheaply",
        "Fees follow demand and are lowest at the weekend."
        "|Moving {coin} over {net} costs a few cents but adds a waiting time."
        "|The fee depends on the size of the transaction, not on the sum.",
    ),
    (
        "is this airdrop a scam|approved a strange contract|someone drained my {wallet}|fake support asked for my keys"
        "|revoke permissions on {wallet}|dust of {coin} from a stranger",
        "Revoke open approvals and move what is left to a fresh {wallet}."
        "|No honest service asks for private keys or recovery words."
        "|Tiny amounts of {coin} from strangers are bait to trace you.",
    ),
    (
        "stake {coin} from a {wallet}|unstake takes how long|is {coin} safe on an exchange"
        "|{wallet} or exchange for {coin}"
        "|firmware update {wallet}|yield on {coin} realistic",
        "Staked {coin} is released after a queue of days to weeks."
        "|On an exchange the keys belong to someone else."
        "|Check the checksum before the firmware of a {wallet} is updated.",
    ),
)
