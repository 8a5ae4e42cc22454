"""Topics of a shop's help search: delivery, refunds, signing in, laptops."""

from drift_core.simulation.vocabulary.topic import topic

DELIVERY = topic(
    "delivery",
    {
        "it": "my parcel|the package|my order|the shipment|a box from you|my delivery|the item i bought|two boxes",
        "carrier": "the courier|the driver|the carrier|the post office|the van|a contractor",
        "place": "a locker|my office|the neighbour's house|a pickup shop|my parents' flat|a new street address",
        "region": "Norway|the islands|Canada|northern Spain|a rural address|Poland|the highlands|New Zealand",
        "wait": "for three days|for a week|since Monday|for ten days|for almost a fortnight|since the 4th",
        "speed": "overnight shipping|economy post|express delivery|standard shipping|weekend drop-off|an evening slot",
    },
    (
        "where is {it}|tracking has not moved {wait}|label created, {it} not moving|no scan of {it} {wait}"
        "|{carrier} lost {it}|status stuck at sorting hub {wait}|when will {it} get here",
        "A tracking page can stay unchanged for up to four days while goods travel between hubs."
        "|If no scan appears within {n} working days, ask {carrier} to open a trace."
        "|The estimated arrival date moves when a shipment misses its connection at the sorting centre.",
    ),
    (
        "send {it} to {place} instead|can i redirect {it} while it is on the way|change where {carrier} drops {it}"
        "|wrong street on {it}|move the drop-off to {place}|{carrier} will not bring {it} to {place}",
        "The destination can be changed until the goods are loaded for the last leg."
        "|Redirecting to {place} is free and adds about one day."
        "|A missing flat number is the usual reason why {carrier} brings a box back to the depot.",
    ),
    (
        "how much is postage to {region}|do you ship to {region}|{speed} to {region} price"
        "|is {speed} free above {n}0 euros|cheapest way to get {it} to {region}|weight limit for parcels to {region}",
        "Rates to {region} depend on weight and start with {speed}."
        "|Orders above the threshold travel free with {speed}; heavy goods are excluded."
        "|Customs charges outside the union are paid by the recipient at the door.",
    ),
    (
        "marked as delivered but nothing here|{carrier} says {it} was handed over, not true|{it} left in the rain"
        "|photo shows {it} at someone else's door|who signed for {it}|{it} vanished from the porch",
        "Look for a card in the letterbox, then ask those next door before you report a loss."
        "|The proof of handover shows the coordinates and the name that {carrier} noted."
        "|A loss can be reported within {n} days; we then send a replacement.",
    ),
    (
        "{speed} arrived late|paid for {speed} but have waited {wait}|missed {carrier} twice, where is {it} now"
        "|can {carrier} bring {it} after six|book a time slot for {it}|when will {carrier} try to deliver again",
        "When nobody is at home, {carrier} tries again on the next working day."
        "|The surcharge for {speed} is given back when the promised date was missed."
        "|Evening windows between six and nine can be booked in large towns.",
    ),
)

REFUNDS = topic(
    "refunds",
    {
        "thing": "these boots|the jacket|a lamp|headphones|the blender|a wedding dress|the sofa cover|a gift",
        "why": "too small|scratched|not as described|a duplicate|unwanted|faulty after a month",
        "pay": "gift card|instalments|debit card|bank transfer|store credit|two different cards",
        "wait": "nine days|two weeks|a month|ten days|twelve working days",
    },
    (
        "can i send {thing} back, {why}|return window for {thing}|{thing} {why} how to give it back"
        "|is it too late to return {thing}|take back {thing} without receipt|exchange {thing} for another size",
        "Unworn goods are taken back within 30 days; {thing} must be in the original box."
        "|Articles that are {why} can be given back at no cost to you."
        "|Without a receipt we look the purchase up by card number or e-mail.",
    ),
    (
        "money not back after {wait}|where is my refund for {thing}|refunded to {pay} but no trace"
        "|how long until i am reimbursed|credit note but i want cash|waiting {wait} for repayment",
        "Reimbursement takes five to ten working days from the moment the warehouse books the goods in."
        "|Money returns to the original means of payment, so {pay} may take longer."
        "|A credit note can be paid out on request while it is unused.",
    ),
    (
        "print a return label|label for {thing} expired|no printer at home how to send {thing} back"
        "|drop off point for returns|prepaid sticker missing in the box|collect {thing} from my home",
        "A code on the telephone replaces the printed sticker at most counters."
        "|The sticker is valid for {n}4 days; make a new one under My purchases."
        "|Bulky goods such as {thing} are collected from the kerb by appointment.",
    ),
    (
        "partial refund for {thing}|charged a restocking fee|you deducted postage from my money"
        "|only half of it came back|discount lost after returning {thing}|paid with {pay}, got back too little",
        "When part of a bundle is given back, the discount is worked out again for the rest."
        "|A restocking fee applies only to goods made to measure."
        "|Outbound postage is repaid at the cheapest rate offered at checkout.",
    ),
    (
        "cancel before it leaves the warehouse|bought {thing} twice by mistake|cancel {thing} paid by {pay}"
        "|changed my mind about {thing}|undo purchase of {thing}|subscription box cancel and get money back",
        "A purchase can be cancelled until picking begins, usually within an hour."
        "|A duplicate is cancelled by hand; write to us with both numbers."
        "|For {pay}, the reservation simply expires and nothing is booked.",
    ),
)

LOGIN = topic(
    "login",
    {
        "way": "text message|authenticator app|security key|e-mail link|backup code|fingerprint",
        "where": "on my new phone|in the browser|on the tablet|at work|after the update|while abroad",
        "mail": "an old e-mail|my maiden name|a closed inbox|my university address|a shared mailbox",
    },
    (
        "forgot my password|reset link never comes|password reset link expired|cannot sign in {where}"
        "|it says wrong credentials {where}|temporary password rejected|too many attempts, locked out",
        "A reset link works once and expires after {n}0 minutes."
        "|After five wrong attempts sign-in is paused for a quarter of an hour."
        "|Look in the spam folder and allow our sender before you ask for another link.",
    ),
    (
        "{way} code not arriving|lost the phone with my {way}|turn off two step verification"
        "|switch from {way} to another"
        "|{way} asks me every time {where}|second factor stopped working {where}",
        "Each {way} can be replaced after you prove who you are with a second factor."
        "|Codes depend on the clock: set date and time to automatic."
        "|Ten backup codes were shown when verification was switched on; each works once.",
    ),
    (
        "change username|profile still shows {mail}|replace {mail} with a new one|two profiles, merge them"
        "|how to use {mail} no longer|verify my new address {where}",
        "The address can be changed under Profile after the new one is confirmed."
        "|Two profiles can be merged when both are verified; the history moves along."
        "|If you cannot open {mail}, support asks for the last purchase instead.",
    ),
    (
        "someone else is in my account|unknown device signed in|got a {way} alert that was not me"
        "|hacked, what do i do first|sign out everywhere|suspicious session from another country",
        "Choose Sign out everywhere and then set a new password on a device you trust."
        "|The list of sessions shows device, town and the time of last use."
        "|We never ask for a {way} on the telephone.",
    ),
    (
        "delete my account for good|download my data|close profile and erase everything|keep me signed in {where}"
        "|stay logged in does not stick {where}|cookies blocked, session ends {where}",
        "Closing a profile is final after {n} days, during which it can be restored."
        "|An archive of your data is prepared within a day and kept for a week."
        "|Private windows forget the session when they are closed.",
    ),
)

LAPTOPS = topic(
    "laptops",
    {
        "model": "Aerobook 14|Kestrel X3|Nimbus Pro|Tarn 15|Vela Air|Corvid G7|Halden S|Quill 13",
        "use": "video editing|university|coding|spreadsheets|light gaming|drawing|travelling|running local models",
        "part": "battery|keyboard|hinge|trackpad|fan|charger|speaker|webcam",
        "spec": "16 GB memory|an OLED panel|a matte screen|two drives|a number pad|12 hours of runtime|USB-C only",
    },
    (
        "{model} or {model2} for {use}|best notebook for {use} under {n}00|light machine with {spec}"
        "|is {model} good enough for {use}|laptop with {spec}|which one for {use} and {use2}",
        "For {use} the {model} has the better processor, while its rival is lighter."
        "|A machine with {spec} costs more but keeps its value."
        "|Under sustained load thin models slow down after ten minutes.",
    ),
    (
        "{model} {part} not working|{part} replacement {model}|noisy {part} on the {model}"
        "|{part} died after a year|how to clean the {part} of a {model}|spare {part} for {model2}",
        "The {part} of the {model} is held by four screws and can be swapped at home."
        "|A swollen or hot {part} should not be used; unplug it and contact service."
        "|Spare parts are stocked for five years after a model ends.",
    ),
    (
        "add more ram to {model}|can the ssd in a {model} be upgraded|{model} memory soldered"
        "|bigger drive for {model2}|is there a {model} with {spec}|second nvme slot {model}",
        "The {model} has one free slot for memory; the other module is soldered."
        "|Any drive of 80 mm length fits; clone the old one first."
        "|Upgrades by the owner leave the warranty in force.",
    ),
    (
        "{model} will not wake from sleep|blue screen {model}|{model} slow after update|{model} overheats when {use}"
        "|screen flickers on {model2}|wifi drops on the {model} every hour|boot loop after bios flash",
        "Install the firmware of this quarter, which cures the wake-up fault of the {model}."
        "|Hold the power button for {n} seconds to clear a stuck controller."
        "|Flicker that depends on brightness points to the display driver.",
    ),
    (
        "two monitors on {model}|{model} dock compatible|does the {model} charge over usb-c|hdmi 2.1 on {model2}"
        "|external gpu with {model}|{spec} and thunderbolt|how many screens can {model} drive",
        "The {model} drives two displays at 60 Hz through a dock with its own supply."
        "|Charging over USB-C needs an adapter of at least 65 watts."
        "|Only the left port carries a video signal.",
    ),
)
